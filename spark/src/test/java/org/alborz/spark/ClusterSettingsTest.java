package org.alborz.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("sweep")
class ClusterSettingsTest {
    @ParameterizedTest
    @ValueSource(strings = {"spark.dynamicAllocation.enabled", "spark.speculation"})
    void settingsThatCannotWorkAreRefused(String name) throws IOException {
        try (SparkSession spark = Clusters.open("local[2]", Map.of(name, "true"))) {
            assertThatThrownBy(() -> SparkTrainerTest.trainer()
                            .fit(
                                    Clusters.table(spark, 100),
                                    SampleColumns.inputs("x", "y").label("class", 2)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("SparkTrainer cannot train with " + name + "=true")
                    .hasMessageContaining("set it to false");
        }
    }

    @Test
    void resourcesOfAStageNeedACluster() throws IOException {
        try (SparkSession spark = Clusters.open("local[2]", Map.of())) {
            assertThatThrownBy(() -> SparkTrainerTest.trainer()
                            .taskResources(1, 0)
                            .fit(
                                    Clusters.table(spark, 100),
                                    SampleColumns.inputs("x", "y").label("class", 2)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("taskResources needs a cluster");
        }
        assertThatThrownBy(() -> SparkTrainerTest.trainer().taskResources(1, 2))
                .hasMessageContaining("0 GPUs or 1 for each rank, got 2");
        assertThatThrownBy(() -> SparkTrainerTest.trainer().taskResources(0, 0))
                .hasMessageContaining("at least 1 of its cores of a rank");
        assertThatThrownBy(() -> SparkTrainerTest.trainer().readTimeout(Duration.ZERO))
                .hasMessageContaining("time-out above 0");
    }

    /** Names with dots, backticks and blanks, equal names beside them, decimals, and Spark's other serializer. */
    @Test
    void anyNamesAndKryoAreTaken() throws IOException {
        try (SparkSession spark =
                Clusters.open("local[2]", Map.of("spark.serializer", "org.apache.spark.serializer.KryoSerializer"))) {
            Dataset<Row> table = Clusters.table(spark, 100)
                    .selectExpr(
                            "x as `a.b`", "cast(y as decimal(9, 4)) as `c``d e`", "class", "1 as twice", "2 as twice");
            SparkModel trained = SparkTrainerTest.trainer()
                    .fit(table, SampleColumns.inputs("a.b", "c`d e").label("class", 2));
            assertThat(trained.history()).hasSize(1);
            assertThat(trained.predictor().transform(table, "logits").first().getList(5))
                    .hasSize(2);
        }
    }
}
