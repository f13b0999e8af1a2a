from advanced_alchemy import base as base, repository as repository, service as service
