# What advanced-alchemy gives; what its repositories and services load is not followed.
