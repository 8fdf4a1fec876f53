"""Programs that an exception's full name tells of: a driver's package, or how its types begin.

`psycopg.errors.UniqueViolation` is Postgres speaking, whatever the rest of the trace is about.
Frames are not read: what a stack goes through is not what it is about.
"""

from typing import Final

from lessonbase.signature.vocabulary import SERVICES, WORDY_SERVICES

# Package of a driver or a program's own client, in lower case → the program. Packages whose first
# part is the program's name (redis.exceptions, openai, anthropic) are known without an entry.
_PACKAGES: Final = {
    "aio_pika": "rabbitmq", "aiokafka": "kafka", "aiomysql": "mysql", "aioredis": "redis",
    "asyncpg": "postgres", "co.elastic": "elasticsearch", "com.amazonaws.services.dynamodbv2":
    "dynamodb", "com.amazonaws.services.s3": "s3", "com.amazonaws.services.sqs": "sqs",
    "com.datastax": "cassandra", "com.microsoft.sqlserver": "mssql", "com.mongodb": "mongodb",
    "com.mysql": "mysql", "com.rabbitmq": "rabbitmq", "com.zaxxer.hikari": "hikari",
    "confluent_kafka": "kafka", "db": "clickhouse", "elastic_transport": "elasticsearch",
    "grpc_status": "grpc", "hudson": "jenkins", "huggingface_hub": "huggingface", "hvac": "vault",
    "io.confluent.kafka": "kafka", "io.etcd": "etcd", "io.fabric8.kubernetes": "kubernetes",
    "io.grpc": "grpc", "io.lettuce": "redis", "io.minio": "minio", "kafka": "kafka",
    "langchain_community": "langchain", "langchain_core": "langchain", "microsoft.data.sqlclient":
    "mssql", "mongodb.driver": "mongodb", "motor": "mongodb", "mysql.data": "mysql", "mysql2":
    "mysql", "mysqlconnector": "mysql", "mysqldb": "mysql", "npgsql": "postgres",
    "opensearchpy": "opensearch", "org.apache.cassandra": "cassandra", "org.apache.flink": "flink",
    "org.apache.hadoop": "hadoop", "org.apache.kafka": "kafka", "org.apache.pulsar": "pulsar",
    "org.apache.solr": "solr", "org.apache.spark": "spark", "org.apache.zookeeper": "zookeeper",
    "org.elasticsearch": "elasticsearch", "org.mariadb": "mariadb", "org.neo4j": "neo4j",
    "org.opensearch": "opensearch", "org.postgresql": "postgres", "pg": "postgres",
    "pika": "rabbitmq", "psycopg": "postgres", "psycopg2": "postgres", "pymongo": "mongodb",
    "pymysql": "mysql", "pyspark": "spark", "qdrant_client": "qdrant", "rabbitmq.client":
    "rabbitmq", "redis.clients": "redis", "redisclient": "redis",
    "software.amazon.awssdk.services.dynamodb": "dynamodb",
    "software.amazon.awssdk.services.s3": "s3", "sqlite3": "sqlite",
    "stackexchange.redis": "redis", "system.data.sqlclient": "mssql", "torch": "pytorch",
}  # fmt: skip
# How the names of a program's own exception types begin, in lower case → the program.
_BEGINNINGS: Final = (
    ("mongo", "mongodb"), ("psql", "postgres"), ("postgres", "postgres"), ("mysql", "mysql"),
    ("redis", "redis"), ("kafka", "kafka"), ("elasticsearch", "elasticsearch"),
    ("opensearch", "opensearch"), ("prisma", "prisma"), ("neo4j", "neo4j"), ("oracle", "oracle"),
    ("cassandra", "cassandra"), ("rabbitmq", "rabbitmq"), ("amqp", "rabbitmq"),
    ("clickhouse", "clickhouse"), ("etcd", "etcd"), ("openai", "openai"),
    ("anthropic", "anthropic"), ("sqlite", "sqlite"), ("graphql", "graphql"), ("grpc", "grpc"),
    ("langchain", "langchain"), ("kubernetes", "kubernetes"), ("docker", "docker"),
    ("terraform", "terraform"), ("memcache", "memcached"), ("hikari", "hikari"),
)  # fmt: skip
# How the codes of a program begin → the program.
_CODES: Final = {
    "MY-": "mysql",
    "HA_ERR_": "mysql",
    "ORA-": "oracle",
    "E11000": "mongodb",
    "ER_": "mysql",
    "Neo.": "neo4j",
}


def coded(code: str) -> str | None:
    """The program whose own *code* it is, if it is one that we know.

    >>> coded("ORA-00060"), coded("ECONNRESET")
    ('oracle', None)
    """
    return next((program for head, program in _CODES.items() if code.startswith(head)), None)


def driven(name: str) -> str | None:
    """The program that an exception's full *name* tells of, if it is one that we know.

    >>> driven("org.postgresql.util.PSQLException"), driven("MongoServerError"), driven("KeyError")
    ('postgres', 'mongodb', None)
    """
    parts = name.lower().replace("::", ".").replace("\\", ".").split(".")
    for length in range(min(len(parts) - 1, 6), 0, -1):
        known = _PACKAGES.get(".".join(parts[:length]))
        if known:
            return known
    if len(parts) > 1 and (parts[0] in SERVICES or parts[0] in WORDY_SERVICES):
        return SERVICES.get(parts[0], parts[0])
    return next((program for head, program in _BEGINNINGS if parts[-1].startswith(head)), None)
