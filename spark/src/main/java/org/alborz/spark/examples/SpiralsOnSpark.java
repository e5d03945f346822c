package org.alborz.spark.examples;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.alborz.nn.Linear;
import org.alborz.nn.Sequential;
import org.alborz.optim.Adam;
import org.alborz.spark.SampleColumns;
import org.alborz.spark.SparkModel;
import org.alborz.spark.SparkTrainer;
import org.alborz.train.Trainer;
import org.alborz.type.Activation;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Trains a net on the executors of a cluster to tell the points of three spirals apart, and predicts a table by it. The first argument is the number of
 * ranks, 2 unless given; the master and the executors are those of {@code spark-submit}.
 */
public final class SpiralsOnSpark {
    private static final int CLASSES = 3;

    private SpiralsOnSpark() {}

    public static void main(String[] arguments) {
        int ranks = arguments.length == 0 ? 2 : Integer.parseInt(arguments[0]);
        SparkSession spark = SparkSession.builder().appName("spirals").getOrCreate();
        try {
            Dataset<Row> points = points(spark, 3000);
            SampleColumns columns = SampleColumns.inputs("x", "y").label("spiral", CLASSES);
            SparkModel trained = SparkTrainer.of(
                            () -> new Sequential(
                                    new Linear(2, 64).activation(Activation.RELU),
                                    new Linear(64, 64).activation(Activation.RELU),
                                    new Linear(64, CLASSES)),
                            model -> Trainer.classifier(model, new Adam(0.01)))
                    .ranks(ranks)
                    .backend("cpu-vector")
                    .batchSize(64)
                    .epochs(30)
                    .fit(points, columns);
            for (int epoch = 5; epoch <= trained.history().size(); epoch += 5) {
                System.out.printf("epoch %d: %s%n", epoch, trained.history().get(epoch - 1));
            }
            Dataset<Row> predicted = trained.predictor().transform(points, "logits");
            long right = predicted
                    .filter("array_position(logits, array_max(logits)) - 1 = spiral")
                    .count();
            System.out.printf("%d of %d points are classified correctly by %d ranks%n", right, points.count(), ranks);
        } finally {
            spark.stop();
        }
    }

    private static Dataset<Row> points(SparkSession spark, int count) {
        Random random = new Random(1);
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int spiral = i % CLASSES;
            double radius = random.nextDouble();
            double angle = 4 * radius + 2 * Math.PI * spiral / CLASSES + 0.1 * random.nextGaussian();
            rows.add(RowFactory.create(radius * Math.cos(angle), radius * Math.sin(angle), spiral));
        }
        return spark.createDataFrame(
                rows,
                new StructType()
                        .add("x", DataTypes.DoubleType)
                        .add("y", DataTypes.DoubleType)
                        .add("spiral", DataTypes.IntegerType));
    }
}
