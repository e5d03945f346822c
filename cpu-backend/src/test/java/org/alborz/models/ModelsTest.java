package org.alborz.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.alborz.autograd.Gradients;
import org.alborz.autograd.Tape;
import org.alborz.nn.Layer;
import org.alborz.nn.Model;
import org.alborz.nn.Module;
import org.alborz.nn.Parameter;
import org.alborz.nn.Pass;
import org.alborz.nn.Structure;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Nets have as many parameters as their papers or torchvision say, and give a score for each class. */
final class ModelsTest {
    private final Session session = Session.open("cpu-vector");

    @AfterEach
    void close() {
        session.close();
    }

    /**
     * torchvision's counts are those of resnet18, resnet50 and mobilenet_v2; those of ten classes are theirs with another last layer. VGG's
     * are the convolutions of torchvision's vgg11_bn and vgg16_bn, less their biases, and one linear layer. The others were counted in
     * PyTorch by the same layers.
     */
    @ParameterizedTest
    @CsvSource({
        "resnet18, 1000, 224, 11689512",
        "resnet50, 1000, 224, 25557032",
        "mobilenet-v2, 1000, 224, 3504872",
        "mobilenet-v2, 10, 32, 2236682",
        "resnet18, 10, 32, 11173962",
        "resnet20, 10, 32, 272474",
        "resnet56, 10, 32, 855770",
        "vgg11, 10, 32, 9228362",
        "vgg16, 10, 32, 14724042",
        "inception, 10, 32, 6158346",
        "lenet5, 10, 32, 62006",
        "cifar-cnn, 10, 32, 2168362",
        "mlp, 10, 32, 1578506"
    })
    void haveAsManyParametersAsSaid(String name, int classes, int size, long parameters) {
        assertThat(parameters(Models.byName(name, classes, size))).isEqualTo(parameters);
    }

    /** Adds up the learned numbers without giving them memory. */
    private static long parameters(Layer net) {
        long[] sum = {0};
        net.describe(new Structure() {
            @Override
            public void parameter(String name, Parameter parameter) {
                sum[0] += parameter.isTrainable() ? parameter.shape().elements() : 0;
            }

            @Override
            public void module(String name, Module module) {
                module.describe(this);
            }
        });
        return sum[0];
    }

    @Test
    void leNetHasThePapersParametersForDigits() {
        assertThat(parameters(LeNet.of(10, 1, 32))).isEqualTo(61706);
    }

    @Test
    void theNetOfImagesToImagesIsThePapersWithNormalisation() {
        assertThat(parameters(new UNet(3, 2))).isEqualTo(482754);
        assertThat(parameters(new UNet(1, 2, 64, 4))).isEqualTo(31036546);
    }

    @ParameterizedTest
    @CsvSource({"lenet5, 28", "resnet56, 4", "mobilenet-v2, 16"})
    void giveAScoreForEachClassAndLearn(String name, int size) {
        learn(name, size);
    }

    @Tag("sweep")
    @ParameterizedTest
    @CsvSource({
        "lenet5, 32",
        "vgg11, 32",
        "vgg16, 32",
        "resnet18, 16",
        "resnet18, 65",
        "resnet50, 8",
        "mobilenet-v2, 65",
        "inception, 16"
    })
    void giveAScoreForEachClassAndLearnAtAnySize(String name, int size) {
        learn(name, size);
    }

    private void learn(String name, int size) {
        try (Model model = Model.create(session, Models.byName(name, 5, size), 1);
                Tape tape = new Tape(session)) {
            Tensor x = session.normal(Shape.of(2, 3, size, size), 1);
            assertThat(model.forward(x, Pass.evaluation()).shape()).isEqualTo(Shape.of(2, 5));
            Pass pass = Pass.training(tape, 1, 1);
            Tensor y = model.forward(x, pass);
            Tensor first = pass.used(model.trainable().get(0));
            Gradients gradients = tape.gradients(y.square().sum(), first);
            assertThat(gradients.of(first).abs().sum().item()).isPositive();
        }
    }

    @Test
    void aNetOfImagesToImagesKeepsTheirSize() {
        try (Model model = Model.create(session, new UNet(3, 4, 4, 2), 1);
                Tape tape = new Tape(session)) {
            Tensor x = session.normal(Shape.of(2, 3, 8, 12), 1);
            assertThat(model.forward(x, Pass.evaluation()).shape()).isEqualTo(Shape.of(2, 4, 8, 12));
            Pass pass = Pass.training(tape, 1, 1);
            Tensor y = model.forward(x, pass);
            Tensor[] watched = model.trainable().stream().map(pass::used).toArray(Tensor[]::new);
            Gradients gradients = tape.gradients(y.square().sum(), watched);
            for (Tensor parameter : watched) {
                assertThat(gradients.of(parameter).toFloats()).doesNotContain(Float.NaN);
            }
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> model.forward(session.zeros(Shape.of(1, 3, 6, 8)), Pass.evaluation()))
                    .withMessageContaining("divisible by 4, got [1, 3, 6, 8]");
        }
    }

    @Test
    void refuseImagesThatAreTooSmall() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Models.byName("vgg16", 10, 31))
                .withMessage("vgg16 expects images of at least 32 pixels a side, got 31");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Models.byName("lenet5", 10, 15))
                .withMessage("lenet5 expects images of at least 16 pixels a side, got 15");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Vgg.of(10, new int[] {4}, new int[0]))
                .withMessageContaining("a convolution in each block");
    }
}
