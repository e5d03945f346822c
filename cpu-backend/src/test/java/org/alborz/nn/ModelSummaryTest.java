package org.alborz.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.alborz.models.Gpt;
import org.alborz.models.Models;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ModelSummaryTest {
    @Test
    void listsWhatEachLayerCosts() {
        Layer net = new Sequential(
                new Conv2d(3, 8, 3).padding(1).activation(Activation.RELU),
                new MaxPool2d(2),
                new Dropout(0.5),
                new Flatten(),
                new Linear(8 * 4 * 4, 10));
        ModelSummary summary = ModelSummary.of(net, Shape.of(2, 3, 8, 8));
        assertThat(summary.layers()).extracting(ModelSummary.Row::path).containsExactly("0", "1", "2", "3", "4");
        assertThat(summary.layers())
                .extracting(ModelSummary.Row::type)
                .containsExactly("Conv2d", "MaxPool2d", "Dropout", "Flatten", "Linear");
        assertThat(summary.layers())
                .extracting(ModelSummary.Row::output)
                .containsExactly(
                        Shape.of(2, 8, 8, 8),
                        Shape.of(2, 8, 4, 4),
                        Shape.of(2, 8, 4, 4),
                        Shape.of(2, 128),
                        Shape.of(2, 10));
        assertThat(summary.layers()).extracting(ModelSummary.Row::parameters).containsExactly(224L, 0L, 0L, 0L, 1290L);
        assertThat(summary.layers())
                .extracting(ModelSummary.Row::multiplyAdds)
                .containsExactly(2L * 8 * 8 * 8 * 27, 0L, 0L, 0L, 2L * 128 * 10);
        // flatten copies, since images are stored channels-last
        assertThat(summary.layer("0").activationBytes()).isEqualTo(4L * 2 * 8 * 8 * 8);
        assertThat(summary.layer("3").activationBytes()).isEqualTo(4L * 2 * 128);
        assertThat(summary.layer("4").activationBytes()).isEqualTo(4L * 2 * 10);
        assertThat(summary.toString())
                .contains("1,514 parameters: 1,514 trainable, 0 frozen", "Conv2d", "[2, 8, 8, 8]");
    }

    /**
     * Multiply-adds and parameters as published: ResNet-20 in He et al. 2016 (0.27 M, 41 M), the others by torchvision 0.14 for images of
     * 224 pixels and 1,000 classes (their table of weights, GFLOPS column).
     */
    @ParameterizedTest
    @CsvSource({
        "resnet20, 10, 32, 272474, 0.041",
        "resnet18, 1000, 224, 11689512, 1.81",
        "resnet50, 1000, 224, 25557032, 4.09",
        "mobilenet-v2, 1000, 224, 3504872, 0.30"
    })
    void agreesWithPublishedFigures(String model, int classes, int size, long parameters, double giga) {
        ModelSummary summary = ModelSummary.of(Models.byName(model, classes, size), Shape.of(1, 3, size, size));
        assertThat(summary.multiplyAdds() * 1e-9).isCloseTo(giga, within(0.006 * Math.max(1, giga)));
        if (!model.equals("resnet20")) { // whose shortcuts are convolutions here
            assertThat(summary.parameters()).isEqualTo(parameters);
        }
    }

    @Test
    void namesLayersOfBlocksAndCountsFrozenOnes() {
        try (Session session = Session.open("cpu-scalar");
                Model model = Model.create(session, Models.resnet20(10), 1)) {
            model.freeze(name -> name.startsWith("0"));
            ModelSummary summary = model.summary(Shape.of(1, 3, 32, 32));
            assertThat(summary.parameters()).isEqualTo(model.parameterCount());
            assertThat(summary.parameters() - summary.trainable())
                    .isEqualTo(model.trainable().stream()
                            .filter(Parameter::isFrozen)
                            .mapToLong(p -> p.shape().elements())
                            .sum());
            ModelSummary.Row block = summary.layers().stream()
                    .filter(row -> row.type().equals("Residual"))
                    .findFirst()
                    .orElseThrow();
            assertThat(block.output()).isEqualTo(Shape.of(1, 16, 32, 32));
            assertThat(block.activationBytes()).isEqualTo(2 * 4L * 16 * 32 * 32); // the sum and its rectifier
            assertThat(summary.layers()).noneMatch(row -> row.output() == null);
            assertThat(session.memory().buffers())
                    .as("nothing is made in the model's session")
                    .isEqualTo(2 + model.parameters().size() - model.trainable().size());
        }
    }

    /** A net of one's own that computes its parts directly. */
    private static final class Direct implements Layer {
        private final Linear first = new Linear(4, 6);
        private final Linear second = new Linear(6, 2);

        @Override
        public Tensor forward(Tensor x, Pass pass) {
            return second.forward(first.forward(x, pass).relu(), pass);
        }

        @Override
        public void describe(Structure structure) {
            structure.module("first", first);
            structure.module("second", second);
        }
    }

    @Test
    void knowsDirectlyComputedPartsByTheirParameters() {
        ModelSummary summary = ModelSummary.of(new Direct(), Shape.of(5, 4));
        assertThat(summary.layer("first").multiplyAdds()).isEqualTo(5 * 4 * 6);
        assertThat(summary.layer("first").output()).isEqualTo(Shape.of(5, 6));
        assertThat(summary.layer("second").multiplyAdds()).isEqualTo(5 * 6 * 2);
        assertThat(summary.layer("").type()).isEqualTo("Direct");
        assertThat(summary.layer("").activationBytes()).as("the rectifier").isEqualTo(4 * 5 * 6);
    }

    @Test
    void takesTokensAndSeveralInputs() {
        try (Session session = Session.open("cpu-scalar");
                Model model = Model.create(session, new Gpt(new Gpt.Configuration(20, 16, 8, 2, 2, 0)), 1)) {
            ModelSummary summary = model.summary(Shape.of(3, 8), DType.INT32);
            assertThat(summary.parameters()).isEqualTo(model.parameterCount());
            assertThat(summary.layers().get(0).output()).isNotNull();
            assertThat(summary.multiplyAdds()).isPositive();
        }
        Linear shared = new Linear(4, 3);
        Module pair = new Module() {
            @Override
            public void describe(Structure structure) {
                structure.module("a", shared);
                structure.module("b", shared);
            }
        };
        ModelSummary summary = ModelSummary.of(pair, DType.FLOAT64, (session, pass) -> {
            pass.run(shared, session.zeros(Shape.of(1, 4)));
            pass.run(shared, session.zeros(Shape.of(2, 4)));
        });
        assertThat(summary.parameters()).isEqualTo(15);
        assertThat(summary.layer("a").multiplyAdds()).isEqualTo(3 * 12);
        assertThat(summary.layer("b").multiplyAdds()).isZero();
        assertThat(summary.layer("a").activationBytes()).isEqualTo(8 * 9);
    }

    @Test
    void refusesWhatTheNetDoesNotTake() {
        assertThatThrownBy(() -> ModelSummary.of(new Linear(4, 3), Shape.of(2, 5)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[2, 5]");
        assertThatThrownBy(
                        () -> ModelSummary.of(new Linear(4, 3), Shape.of(2, 4)).layer("head"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no layer 'head'");
    }
}
