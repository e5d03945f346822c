package org.alborz.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.alborz.data.ArrayDataset;
import org.alborz.data.DataLoader;
import org.alborz.models.Models;
import org.alborz.nn.Model;
import org.alborz.optim.Sgd;
import org.alborz.tensor.Session;
import org.alborz.train.Trainer;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Executors, each a process, train to the bits of one process, and a resnet20 with synchronised batch norm to those of one with larger batches, but for rounding. */
@Tag("sweep")
class TrainingOnClusterTest {
    private static final int IMAGES = 16;
    private static final int BATCH = 4;
    private static final int RANKS = 2;
    private static final int EPOCHS = 2;
    private static final int SIDE = 8;

    /** In float32, whose rounding grows with the steps; weights without synchronisation are more than 20 times as far away. */
    private static final double ROUNDING = 1e-3;

    private static final String PASSWORD = "of-the-tests";

    @TempDir
    Path folder;

    private final double[][] pixels = new double[IMAGES][3 * SIDE * SIDE];
    private final float[][][][] images = new float[IMAGES][3][SIDE][SIDE];
    private final int[] labels = new int[IMAGES];

    private SparkTrainer trainer(boolean sync) {
        return SparkTrainer.of(
                        () -> Models.byName("resnet20", 10, SIDE),
                        model -> Trainer.classifier(model, new Sgd(0.02).momentum(0.9))
                                .syncBatchNorm(sync)
                                .bucketBytes(1 << 16))
                .backend("cpu-vector")
                .ranks(RANKS)
                .batchSize(BATCH)
                .shuffle(false)
                .epochs(EPOCHS);
    }

    private float[] alone() {
        try (Session session = Session.open("cpu-vector");
                Model model =
                        Model.create(session, Models.byName("resnet20", 10, SIDE), 0)) { // the seed of a SparkTrainer
            DataLoader loader = DataLoader.of(ArrayDataset.of(images, labels), RANKS * BATCH)
                    .build();
            trainer(true).trainer().trainer(model).build().fit(loader, EPOCHS);
            return model.values().toFloats();
        }
    }

    private static double distance(SparkModel trained, float... expected) {
        try (Session session = Session.open("cpu-vector");
                Model model = trained.load(session)) {
            float[] values = model.values().toFloats();
            double most = 0;
            for (int i = 0; i < values.length; i++) {
                most = Math.max(most, Math.abs(values[i] - expected[i]));
            }
            return most;
        }
    }

    @Test
    void executorsComputeWhatOneProcessDoes() throws IOException, InterruptedException {
        Random random = new Random(4);
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < IMAGES; i++) {
            labels[i] = i % 10;
            for (int p = 0; p < pixels[i].length; p++) {
                pixels[i][p] = (float) (random.nextGaussian() + 0.3 * labels[i]);
                images[i][p / (SIDE * SIDE)][p / SIDE % SIDE][p % SIDE] = (float) pixels[i][p];
            }
            rows.add(RowFactory.create(pixels[i], labels[i]));
        }
        StructType type = new StructType()
                .add("pixels", DataTypes.createArrayType(DataTypes.DoubleType))
                .add("class", DataTypes.IntegerType);
        SampleColumns columns =
                SampleColumns.inputs("pixels").shape(3, SIDE, SIDE).label("class", 10);
        try (SparkSession spark = Clusters.open(
                "local-cluster[4,1,1024]",
                Map.of(
                        "spark.executorEnv." + BarrierRendezvous.PASSWORD,
                        PASSWORD,
                        "spark.local.dir",
                        folder.resolve("spark").toString()))) {
            for (int ranks = 2; ranks <= 4; ranks++) {
                SparkTrainerTest.requireTheBitsOfOneProcess(spark, ranks);
            }
            var table = spark.createDataFrame(rows, type);
            float[] expected = alone();
            SparkTrainer encrypted =
                    trainer(true).keyStore(keyStore().toString()).taskResources(1, 0);
            assertThat(distance(encrypted.fit(table, columns), expected)).isLessThan(ROUNDING);
            assertThat(distance(trainer(false).fit(table, columns), expected)).isGreaterThan(20 * ROUNDING);

            assertThatThrownBy(() -> trainer(true).keyStore("/none.p12").fit(table, columns))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll("Rank 0", "There is no key store /none.p12");
            assertThatThrownBy(() -> trainer(true)
                            .taskResources(2, 0)
                            .startTimeout(Duration.ZERO)
                            .fit(table, columns))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("needs 2 tasks at the same time");
        }
    }

    private Path keyStore() throws IOException, InterruptedException {
        Path file = folder.resolve("group.p12");
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        List<String> command = new ArrayList<>(List.of(keytool, "-genkeypair", "-alias", "alborz", "-keyalg", "EC"));
        command.addAll(List.of("-dname", "CN=alborz", "-storetype", "PKCS12", "-keystore", file.toString()));
        command.addAll(List.of("-storepass", PASSWORD));
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
        return file;
    }
}
