from alembic.runtime.environment import EnvironmentContext

# A module whose functions are the methods of the environment that runs, with its attributes.
context: EnvironmentContext
