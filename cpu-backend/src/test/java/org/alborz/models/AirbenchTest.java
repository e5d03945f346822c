package org.alborz.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.alborz.data.DataLoader;
import org.alborz.data.GeneratedImages;
import org.alborz.data.PatchWhitening;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.nn.Pass;
import org.alborz.optim.Sgd;
import org.alborz.tensor.Session;
import org.alborz.train.Trainer;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AirbenchTest {
    private static final double[] FILTERS =
            PatchWhitening.of(GeneratedImages.train(1, 20), 2, 5e-4).filters();

    private final Session session = Session.open("cpu-vector");

    @AfterEach
    void close() {
        session.close();
    }

    private Model model(double width) {
        return Model.create(session, Airbench.of(10, width, FILTERS), 1);
    }

    /** Counted by hand: 24·13, 3·3 convolutions of 24, 64, 256 and 256 channels, 10·256, and 2 for each channel of a norm. */
    @Test
    void hasTheParametersOfThePaperAndAScoreForEachClass() {
        try (Model model = model(1)) {
            long convolutions = 9L * (24 * 64 + 64 * 64 + 64 * 256 + 3 * 256 * 256);
            assertThat(model.parameterCount()).isEqualTo(24 * 13 + convolutions + 2560 + 2 * (2 * 64 + 4 * 256));
        }
        try (Model model = model(0.125)) {
            assertThat(model.forward(session.zeros(Shape.of(2, 3, 32, 32)), Pass.evaluation())
                            .shape())
                    .isEqualTo(Shape.of(2, 10));
        }
    }

    @Test
    void beginsWithWhiteningAndIdentities() {
        try (Model model = model(0.125)) {
            assertThat(model.parameter("0.weight").value().toDoubles()).containsExactly(FILTERS, within(1e-6));
            double[] second = model.parameter("3.0.weight").value().toDoubles(); // [32, 8, 3, 3]
            for (int i = 0; i < 8 * 72; i++) {
                assertThat(second[i]).isEqualTo(i / 72 == i / 9 % 8 && i % 9 == 4 ? 1 : 0);
            }
            for (int i = 8 * 72; i < second.length; i++) {
                assertThat(Math.abs(second[i])).isBetween(0.0, 1 / Math.sqrt(72));
            }
            assertThat(second[8 * 72]).isNotZero();
        }
    }

    @Test
    void filtersAndWeightsOfNormsStayAndAllElseLearns() {
        try (Model model = model(0.125)) {
            Airbench.freeze(model);
            Map<String, double[]> before = new TreeMap<>();
            for (Parameter parameter : model.trainable()) {
                before.put(parameter.name(), parameter.value().toDoubles());
            }
            DataLoader images = DataLoader.of(GeneratedImages.train(1, 8), 8).build();
            Trainer.classifier(model, new Sgd(0.1), Loss.crossEntropy()).build().fit(images, 1);
            List<String> stayed = model.trainable().stream()
                    .filter(parameter -> Arrays.equals(
                            before.get(parameter.name()), parameter.value().toDoubles()))
                    .map(Parameter::name)
                    .toList();
            assertThat(stayed)
                    .containsExactly(
                            "0.weight",
                            "2.2.weight",
                            "2.5.weight",
                            "3.2.weight",
                            "3.5.weight",
                            "4.2.weight",
                            "4.5.weight");
            assertThat(model.trainable().stream().map(Parameter::name).filter(Airbench::isNormBias))
                    .containsExactly("2.2.bias", "2.5.bias", "3.2.bias", "3.5.bias", "4.2.bias", "4.5.bias");
        }
    }

    @Test
    void refusesOtherFiltersAndWidths() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Airbench.of(10, 1, 1, 2))
                .withMessageContaining("are 288 numbers, got 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Airbench.of(10, 0, FILTERS))
                .withMessageContaining("a width above 0");
    }
}
