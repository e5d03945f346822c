package org.alborz.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.alborz.data.ArrayDataset;
import org.alborz.data.DataLoader;
import org.alborz.models.Models;
import org.alborz.nn.Dropout;
import org.alborz.nn.Flatten;
import org.alborz.nn.Linear;
import org.alborz.nn.Lstm;
import org.alborz.nn.Model;
import org.alborz.nn.Pass;
import org.alborz.nn.Sequential;
import org.alborz.optim.Adam;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.train.EpochResult;
import org.alborz.train.Trainer;
import org.alborz.type.Activation;
import org.alborz.type.Shape;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tasks of one JVM as ranks. */
@Tag("sweep")
class SparkTrainerTest {
    private static final SampleColumns COLUMNS = SampleColumns.inputs("x", "y").label("class", 2);
    private static final int BATCH = 16;
    private static SparkSession spark;

    @TempDir
    Path folder;

    @BeforeAll
    static void open() {
        spark = Clusters.open("local[3]", Map.of("spark.stage.maxConsecutiveAttempts", "2"));
    }

    @AfterAll
    static void close() {
        spark.stop();
    }

    static SparkTrainer trainer() {
        return SparkTrainer.of(
                        () -> new Sequential(
                                new Linear(2, 16).activation(Activation.RELU), new Dropout(0.1), new Linear(16, 2)),
                        model -> Trainer.classifier(model, new Adam(0.02)))
                .backend("cpu-vector")
                .batchSize(BATCH)
                .seed(3);
    }

    /** Trains as one process that accumulates the gradients of as many batches as there are ranks. */
    private static float[] alone(
            SparkTrainer same, int ranks, Object inputs, int[] labels, int epochs, List<EpochResult> results) {
        try (Session session = Session.open("cpu-vector");
                Model model = Model.create(session, same.net().net(), 3)) {
            DataLoader loader = DataLoader.of(ArrayDataset.of(inputs, labels), BATCH)
                    .sampler(new ShardSampler(ranks, BATCH, true))
                    .seed(3)
                    .build();
            results.addAll(same.trainer()
                    .trainer(model)
                    .gradientAccumulation(ranks)
                    .build()
                    .fit(loader, epochs));
            return model.values().toFloats();
        }
    }

    private static float[] weights(SparkModel trained) {
        try (Session session = Session.open("cpu-vector");
                Model model = trained.load(session)) {
            return model.values().toFloats();
        }
    }

    private static void requireSame(SparkModel trained, float[] expected, List<EpochResult> results) {
        assertThat(weights(trained)).isEqualTo(expected);
        assertThat(trained.history()).hasSameSizeAs(results);
        for (int i = 0; i < results.size(); i++) {
            assertThat(trained.history().get(i).get("loss"))
                    .isEqualTo(results.get(i).loss());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void ranksTrainToTheBitsOfOneProcess(int ranks) {
        requireTheBitsOfOneProcess(spark, ranks);
    }

    /** Trains on a cluster, and requires the losses and weights of one process that accumulates. */
    static void requireTheBitsOfOneProcess(SparkSession cluster, int ranks) {
        List<Row> points = Clusters.points(150); // the last step is of fewer batches, the last batch of 6 samples
        float[][] inputs = new float[points.size()][];
        int[] labels = new int[points.size()];
        for (int i = 0; i < labels.length; i++) {
            inputs[i] = new float[] {
                (float) points.get(i).getDouble(0), points.get(i).getFloat(1)
            };
            labels[i] = points.get(i).getInt(2);
        }
        SparkTrainer trainer = trainer().ranks(ranks).epochs(3);
        List<EpochResult> results = new ArrayList<>();
        float[] expected = alone(trainer, ranks, inputs, labels, 3, results);
        requireSame(trainer.fit(Clusters.table(cluster, 150), COLUMNS), expected, results);
    }

    private static Dataset<Row> arrays(double[][] values, int classes) {
        StructType type = new StructType()
                .add("values", DataTypes.createArrayType(DataTypes.DoubleType))
                .add("class", DataTypes.LongType);
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < values.length; i++) {
            rows.add(RowFactory.create(values[i], (long) (i % classes)));
        }
        return spark.createDataFrame(rows, type);
    }

    @Test
    void imagesAndSequencesComeAsArrays() {
        int count = 40;
        double[][] pixels = new double[count][3 * 32 * 32];
        float[][][][] images = new float[count][3][32][32];
        int[] labels = new int[count];
        Random random = new Random(9);
        for (int i = 0; i < count; i++) {
            labels[i] = i % 10;
            for (int p = 0; p < pixels[i].length; p++) {
                pixels[i][p] = random.nextFloat();
                images[i][p / 1024][p / 32 % 32][p % 32] = (float) pixels[i][p];
            }
        }
        SparkTrainer cnn = SparkTrainer.of(
                        () -> Models.byName("cifar-cnn", 10), model -> Trainer.classifier(model, new Adam(1e-3)))
                .backend("cpu-vector")
                .batchSize(BATCH)
                .seed(3)
                .ranks(2);
        List<EpochResult> results = new ArrayList<>();
        requireSame(
                cnn.fit(
                        arrays(pixels, 10),
                        SampleColumns.inputs("values").shape(3, 32, 32).label("class", 10)),
                alone(cnn, 2, images, labels, 1, results),
                results);

        SparkTrainer lstm = SparkTrainer.of(
                        () -> new Sequential(new Lstm(4, 8), new Flatten(), new Linear(64, 10)),
                        model -> Trainer.classifier(model, new Adam(1e-3)))
                .backend("cpu-vector")
                .batchSize(BATCH)
                .seed(3)
                .ranks(3);
        double[][] steps = new double[count][8 * 4];
        float[][][] sequences = new float[count][8][4];
        for (int i = 0; i < count; i++) {
            for (int p = 0; p < 32; p++) {
                steps[i][p] = random.nextFloat();
                sequences[i][p / 4][p % 4] = (float) steps[i][p];
            }
        }
        results.clear();
        requireSame(
                lstm.fit(
                        arrays(steps, 10),
                        SampleColumns.inputs("values").shape(8, 4).label("class", 10)),
                alone(lstm, 3, sequences, labels, 1, results),
                results);
    }

    @Test
    void numbersAreTargetsToo() {
        SparkTrainer regression = SparkTrainer.of(
                        () -> new Linear(1, 1), model -> Trainer.regression(model, new Adam(0.1)))
                .backend("cpu-vector")
                .epochs(60);
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            rows.add(RowFactory.create(i / 100.0, 3 * i / 100.0 - 1));
        }
        Dataset<Row> line = spark.createDataFrame(
                rows, new StructType().add("x", DataTypes.DoubleType).add("y", DataTypes.DoubleType));
        SparkModel trained = regression.fit(line, SampleColumns.inputs("x").target("y"));
        assertThat(weights(trained)[0]).isBetween(2.8f, 3.2f);
        Row first = trained.predictor().transform(line, "guess").first();
        assertThat(first.<Float>getList(2).get(0)).isBetween(-1.2f, -0.8f);
    }

    @Test
    void aSecondRunGoesOnFromTheCheckpoint() {
        Dataset<Row> table = Clusters.table(spark, 150);
        float[] whole = weights(trainer().epochs(4).fit(table, COLUMNS));
        String directory = folder.resolve("run").toString();
        trainer().epochs(2).checkpoint(directory, 3).fit(table, COLUMNS);
        SparkModel rest = trainer().epochs(4).checkpoint(directory, 3).fit(table, COLUMNS);
        assertThat(rest.history()).hasSize(2);
        assertThat(weights(rest)).isEqualTo(whole);
    }

    @Test
    void outputsAreThoseOfTheModel() {
        Dataset<Row> table = Clusters.table(spark, 75);
        SparkModel trained = trainer().epochs(2).fit(table, COLUMNS);
        List<Row> predicted =
                trained.predictor().batchSize(7).transform(table, "logits").collectAsList();
        assertThat(predicted).hasSize(75);
        try (Session session = Session.open("cpu-vector");
                Model model = trained.load(session);
                Scope scope = session.scope("test")) {
            for (int i = 0; i < predicted.size(); i++) {
                Row row = predicted.get(i);
                assertThat(row.getInt(2)).isEqualTo(i % 2);
                float[] input = {(float) row.getDouble(0), row.getFloat(1)};
                float[] expected = model.forward(session.tensor(input, Shape.of(1, 2)), Pass.evaluation())
                        .toFloats();
                assertThat(row.<Float>getList(3)).hasSize(2);
                for (int j = 0; j < 2; j++) {
                    assertThat(row.<Float>getList(3).get(j)).isCloseTo(expected[j], Offset.offset(1e-5f));
                }
            }
        }
        Path file = folder.resolve("weights.safetensors");
        trained.save(file);
        SparkPredictor again = SparkPredictor.of(trainer().net(), file, SampleColumns.inputs("x", "y"), "cpu-vector");
        assertThat(again.batchSize(7)
                        .transform(table.drop("class"), "logits")
                        .first()
                        .getList(2))
                .isEqualTo(predicted.get(0).getList(3));
    }

    @Test
    void whatCannotWorkIsRefusedInWords() {
        Dataset<Row> table = Clusters.table(spark, 150);
        assertThatThrownBy(() ->
                        trainer().fit(table, SampleColumns.inputs("x", "z").label("class", 2)))
                .hasMessage("The DataFrame has no column 'z', but [x, y, class]");
        assertThatThrownBy(() -> trainer().fit(table, SampleColumns.inputs("x")))
                .hasMessageContaining("expects columns with a target");
        assertThatThrownBy(() -> trainer().ranks(4).startTimeout(Duration.ZERO).fit(table, COLUMNS))
                .hasMessageContaining("needs 4 tasks at the same time, and the cluster local[3] has room for 3");
        assertThatThrownBy(() -> trainer().ranks(3).batchSize(75).fit(table, COLUMNS))
                .hasMessageContaining("at least a batch of each of 3 ranks")
                .hasMessageContaining("got 150 rows in batches of 75");
        assertThatThrownBy(() -> trainer().fit(table, SampleColumns.inputs("x").label("y", 2)))
                .hasMessageContaining("The column 'y' expects classes from 0 to 1, got ");
        Dataset<Row> words = table.selectExpr("x", "'a' as word", "class");
        assertThatThrownBy(
                        () -> trainer().fit(words, SampleColumns.inputs("word").label("class", 2)))
                .hasMessageContaining("The column 'word' expects numbers or arrays of numbers, got string");
        Dataset<Row> holes = table.selectExpr("if(x > 0, x, null) as x", "class");
        assertThatThrownBy(() -> trainer().fit(holes, SampleColumns.inputs("x").label("class", 2)))
                .hasMessageContaining("The column 'x' has no value in row ");
        assertThatThrownBy(() -> trainer().fit(table, SampleColumns.inputs("x").label("class", 2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Linear");
        Object held = new Object();
        SparkTrainer holding = SparkTrainer.of(
                () -> new Sequential(new Linear(2, held.hashCode() % 2 + 2)),
                trainer().trainer());
        assertThatThrownBy(() -> holding.backend("cpu-vector").fit(table, COLUMNS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("hold an object that cannot be sent, of java.lang.Object");
        assertThatThrownBy(() -> trainer().backend("cpu-vektor").fit(table, COLUMNS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cannot compute")
                .hasMessageContaining("cpu-vektor");
        SparkTrainer failing = SparkTrainer.of(trainer().net(), model -> {
                    throw new IllegalStateException("of the test");
                })
                .backend("cpu-vector");
        assertThatThrownBy(() -> failing.fit(table, COLUMNS))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("The training on Spark failed, the last time by")
                .hasMessageContaining("IllegalStateException");
        assertThatThrownBy(() -> new SparkModel(null, COLUMNS, "cpu-vector", new byte[0], List.of())
                        .predictor()
                        .transform(table, "x"))
                .hasMessageContaining("has a column 'x' already");
    }
}
