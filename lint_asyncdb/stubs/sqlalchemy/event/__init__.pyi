from sqlalchemy.event.api import contains as contains, listen as listen, listens_for as listens_for, remove as remove
