"""An office's own Spark, with its metastore in Derby and its warehouse: it writes, Comity reads."""

from pathlib import Path

from pyspark.sql import SparkSession

from comity.adapters.tables import spark_session


class Office:
    """In the Java of this process, with a catalog of its own. place: an empty folder."""

    def __init__(self, place: Path) -> None:
        self.metastore = place / "metastore_db"
        self.warehouse = place / "warehouse"
        base = spark_session.session(2)
        jvm, context = base.sparkContext._jvm, base.sparkContext
        assert jvm is not None
        options = jvm.java.util.HashMap()
        for name, value in {
            "spark.sql.catalogImplementation": "hive",
            "javax.jdo.option.ConnectionURL": f"jdbc:derby:;databaseName={self.metastore};create=true",
            "datanucleus.schema.autoCreateAll": "true",
            "hive.metastore.schema.verification": "false",
            "hive.exec.scratchdir": str(place / "scratch"),
            "hive.exec.local.scratchdir": str(place / "scratch"),
            "hive.exec.dynamic.partition.mode": "nonstrict",
            "spark.sql.shuffle.partitions": "1",
        }.items():
            options.put(name, value)
        kind = SparkSession._get_j_spark_session_class(jvm)
        self.spark = SparkSession(context, jsparkSession=kind(context._jsc.sc(), options))
        self.says(f"CREATE DATABASE census LOCATION 'file:{self.warehouse}'")

    def says(self, *statements: str) -> None:
        """SQL, one statement after the other."""
        for statement in statements:
            self.spark.sql(statement)

    def state(self) -> dict[str, tuple[int, int]]:
        """Size and time of each file of metastore and warehouse."""
        files = (path for top in (self.metastore, self.warehouse) for path in top.rglob("*"))
        return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in files}
