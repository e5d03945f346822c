package org.alborz.spark;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
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
}
