package org.alborz.spark;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Spark sessions and tables of the tests. */
final class Clusters {
    static final StructType POINTS = new StructType()
            .add("x", DataTypes.DoubleType)
            .add("y", DataTypes.FloatType)
            .add("class", DataTypes.IntegerType);

    private Clusters() {}

    static SparkSession open(String master, Map<String, String> settings) {
        SparkConf conf = new SparkConf()
                .setMaster(master)
                .setAppName("alborz-test")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.host", "127.0.0.1")
                .set("spark.driver.bindAddress", "127.0.0.1")
                .set("spark.sql.shuffle.partitions", "3");
        if (master.startsWith("local-cluster")) {
            // Executors without an installed Spark: they take the class path of the tests.
            conf.set("spark.executor.extraClassPath", System.getProperty("java.class.path"))
                    .set("spark.executorEnv.SPARK_SCALA_VERSION", "2.13")
                    .set("spark.executorEnv.SPARK_SQL_TESTING", "1");
        }
        settings.forEach(conf::set);
        return SparkSession.builder().config(conf).getOrCreate();
    }

    /** Makes points of two spirals. */
    static List<Row> points(int count) {
        Random random = new Random(5);
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int label = i % 2;
            double turn = 6 * random.nextDouble() + Math.PI * label;
            double radius = 0.2 + (turn - Math.PI * label) / 6;
            rows.add(RowFactory.create(radius * Math.cos(turn), (float) (radius * Math.sin(turn)), label));
        }
        return rows;
    }

    /** Makes a table of some points, in as many partitions as Spark takes. */
    static Dataset<Row> table(SparkSession spark, int count) {
        return spark.createDataFrame(points(count), POINTS);
    }
}
