package org.alborz.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.alborz.backend.BackendOptions;
import org.alborz.models.UNet;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;
import org.alborz.type.Conv1dParameters;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.Conv3dParameters;
import org.alborz.type.DType;
import org.alborz.type.Interpolation;
import org.alborz.type.Padding2d;
import org.alborz.type.Pool1dParameters;
import org.alborz.type.Pool2dParameters;
import org.alborz.type.Pool3dParameters;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Layers for signals, images and volumes compute what the methods of tensors do, whose values are held against PyTorch's. */
final class ImageLayersTest {
    private final Session session =
            Session.open("cpu-scalar", BackendOptions.defaults().withThreads(1), DType.FLOAT64);

    @AfterEach
    void close() {
        session.close();
    }

    /** A layer, what it is given, and what it gives. */
    private record Case(Layer layer, Shape input, Shape output, String text) {
        static Case of(Layer layer, Shape input, Shape output, String text) {
            return new Case(layer, input, output, text);
        }

        @Override
        public String toString() {
            return text;
        }
    }

    private static Shape shape(int... sizes) {
        return Shape.of(sizes);
    }

    static Stream<Case> layers() {
        return Stream.of(
                Case.of(
                        new Conv1d(3, 5, 4).padding(3, 0),
                        shape(2, 3, 7),
                        shape(2, 5, 7),
                        "Conv1d(3, 5, 4, stride=1, padding=3+0)"),
                Case.of(
                        new Conv1d(4, 6, 3)
                                .stride(2)
                                .padding(1)
                                .dilation(2)
                                .groups(2)
                                .activation(Activation.RELU),
                        shape(2, 4, 9),
                        shape(2, 6, 4),
                        "Conv1d(4, 6, 3, stride=2, padding=1, dilation=2, groups=2, relu)"),
                Case.of(
                        new Conv3d(2, 4, 3).padding(1).stride(2),
                        shape(2, 2, 5, 6, 7),
                        shape(2, 4, 3, 3, 4),
                        "Conv3d(2, 4, 3x3x3, depth (stride=2, padding=1), stride=2, padding=1)"),
                Case.of(
                        new ConvTranspose1d(4, 6, 3)
                                .stride(2)
                                .padding(1)
                                .outputPadding(1)
                                .groups(2),
                        shape(2, 4, 5),
                        shape(2, 6, 10),
                        "ConvTranspose1d(4, 6, 3, stride=2, padding=1, groups=2, outputPadding=1)"),
                Case.of(
                        new ConvTranspose2d(4, 3, 4).stride(2).padding(1).dilation(1),
                        shape(2, 4, 5, 6),
                        shape(2, 3, 10, 12),
                        "ConvTranspose2d(4, 3, 4, stride=2, padding=1)"),
                Case.of(
                        new ConvTranspose3d(4, 6, 3)
                                .stride(2)
                                .padding(1)
                                .outputPadding(1)
                                .groups(2),
                        shape(2, 4, 2, 3, 4),
                        shape(2, 6, 4, 6, 8),
                        "ConvTranspose3d(4, 6, 3x3x3, depth (stride=2, padding=1), stride=2, padding=1, groups=2,"
                                + " outputPadding=1)"),
                Case.of(new Upsample(2), shape(2, 3, 4, 5), shape(2, 3, 8, 10), "Upsample(2, NEAREST)"),
                Case.of(
                        new Upsample(3, Interpolation.BICUBIC, true),
                        shape(2, 3, 4, 5),
                        shape(2, 3, 12, 15),
                        "Upsample(3, BICUBIC, alignCorners)"),
                Case.of(new PixelShuffle(2), shape(2, 8, 3, 4), shape(2, 2, 6, 8), "PixelShuffle(2)"),
                Case.of(new PixelUnshuffle(2), shape(2, 2, 6, 8), shape(2, 8, 3, 4), "PixelUnshuffle(2)"),
                Case.of(
                        new ZeroPad2d(new Padding2d(1, 2, 0, 3)),
                        shape(2, 3, 4, 5),
                        shape(2, 3, 7, 8),
                        "ZeroPad2d(padding=1+2x0+3)"),
                Case.of(new Rescaling(0.5), shape(2, 3, 4), shape(2, 3, 4), "Rescaling(0.5)"),
                Case.of(new ReflectionPad2d(2), shape(2, 3, 4, 5), shape(2, 3, 8, 9), "ReflectionPad2d(padding=2)"),
                Case.of(new AdaptiveAvgPool2d(3), shape(2, 3, 7, 5), shape(2, 3, 3, 3), "AdaptiveAvgPool2d(3x3)"),
                Case.of(new AdaptiveMaxPool2d(2, 4), shape(2, 3, 7, 5), shape(2, 3, 2, 4), "AdaptiveMaxPool2d(2x4)"),
                Case.of(
                        new MaxPool1d(3, 2, 1),
                        shape(2, 3, 7),
                        shape(2, 3, 4),
                        "MaxPool1d(kernel=3, stride=2, padding=1)"),
                Case.of(new AvgPool1d(2), shape(2, 3, 7), shape(2, 3, 3), "AvgPool1d(kernel=2, stride=2)"),
                Case.of(
                        new AvgPool1d(Pool1dParameters.of(3)
                                .withPadding(1, 0)
                                .withDilation(2)
                                .withCeil(true)
                                .withCountPadding(false)),
                        shape(2, 3, 8),
                        shape(2, 3, 3),
                        "AvgPool1d(kernel=3, stride=3, padding=1+0, dilation=2, ceil, padding not counted)"),
                Case.of(new AdaptiveMaxPool1d(3), shape(2, 3, 7), shape(2, 3, 3), "AdaptiveMaxPool1d(3)"),
                Case.of(new AdaptiveAvgPool1d(3), shape(2, 3, 7), shape(2, 3, 3), "AdaptiveAvgPool1d(3)"),
                Case.of(
                        new MaxPool3d(3, 2, 1),
                        shape(2, 3, 5, 6, 7),
                        shape(2, 3, 3, 3, 4),
                        "MaxPool3d(depth (kernel=3, stride=2, padding=1), kernel=3, stride=2, padding=1)"),
                Case.of(
                        new AvgPool3d(2),
                        shape(2, 3, 5, 6, 7),
                        shape(2, 3, 2, 3, 3),
                        "AvgPool3d(depth (kernel=2, stride=2), kernel=2, stride=2)"),
                Case.of(
                        new AdaptiveMaxPool3d(2, 3, 4),
                        shape(2, 3, 5, 6, 7),
                        shape(2, 3, 2, 3, 4),
                        "AdaptiveMaxPool3d(2x3x4)"),
                Case.of(
                        new AdaptiveAvgPool3d(2),
                        shape(2, 3, 5, 6, 7),
                        shape(2, 3, 2, 2, 2),
                        "AdaptiveAvgPool3d(2x2x2)"),
                Case.of(
                        new Branches(new Conv2d(3, 2, 1), new MaxPool2d(3, 1, 1)),
                        shape(2, 3, 4, 5),
                        shape(2, 5, 4, 5),
                        null));
    }

    @ParameterizedTest
    @MethodSource("layers")
    void giveTheShapeThatIsSaid(Case layer) {
        try (Model model = Model.create(session, layer.layer(), 1)) {
            Tensor x = session.normal(layer.input(), 1);
            Tensor y = model.forward(x, Pass.evaluation());
            assertThat(y.shape()).isEqualTo(layer.output());
            if (layer.text() != null) {
                assertThat(layer.layer()).hasToString(layer.text());
            }
        }
    }

    /** In a container, which closes each layer's input as soon as the next has it, results are the same. */
    @ParameterizedTest
    @MethodSource("layers")
    void areTheSameInAContainer(Case layer) {
        Sequential net = new Sequential((x, pass) -> x.mul(1), layer.layer(), new Flatten());
        try (Model model = Model.create(session, net, 1)) {
            Tensor x = session.normal(layer.input(), 1);
            double[] inside = model.forward(x, Pass.evaluation()).toDoubles();
            double[] alone =
                    layer.layer().forward(x, Pass.evaluation()).flatten(1, -1).toDoubles();
            assertThat(inside).containsExactly(alone);
        }
    }

    @Test
    void computeWhatTensorsDo() {
        Conv1d first = new Conv1d(2, 3, 3).padding(1).bias(false);
        Conv3d second = new Conv3d(1, 2, 2, 1, 3);
        ConvTranspose2d third = new ConvTranspose2d(2, 3, 3).stride(2);
        for (Layer layer : List.of(first, second, third)) {
            try (Model model = Model.create(session, layer, 3)) {
                model.parameters().forEach((name, p) -> p.value().assign(session.normal(p.shape(), 4)));
                Tensor w = model.parameters().get("weight").value();
                Parameter bias = model.parameters().get("bias");
                Tensor b = bias == null ? null : bias.value();
                Tensor x;
                Tensor expected;
                if (layer == first) {
                    x = session.normal(shape(2, 2, 6), 5);
                    expected = x.conv1d(w, b, Conv1dParameters.defaults().withPadding(1));
                } else if (layer == second) {
                    x = session.normal(shape(2, 1, 3, 4, 5), 5);
                    expected = x.conv3d(w, b, Conv3dParameters.defaults());
                } else {
                    x = session.normal(shape(2, 2, 3, 4), 5);
                    expected =
                            x.convTranspose2d(w, b, Conv2dParameters.defaults().withStride(2), 0);
                }
                assertThat(model.forward(x, Pass.evaluation()).toDoubles()).containsExactly(expected.toDoubles());
            }
        }
    }

    @Test
    void zerosAreAddedOnEachSide() {
        double[] y = new ZeroPad2d(new Padding2d(1, 0, 0, 2))
                .forward(session.tensor(new double[] {1, 2}, shape(1, 1, 1, 2)), Pass.evaluation())
                .toDoubles();
        assertThat(y).containsExactly(0, 0, 0, 0, 1, 2, 0, 0);
    }

    @Test
    void branchesStandInTheirOrder() {
        Tensor x = session.normal(shape(1, 2, 3, 3), 1);
        double[] y = new Branches((t, pass) -> t, (t, pass) -> t.mul(2))
                .forward(x, Pass.evaluation())
                .toDoubles();
        double[] once = x.toDoubles();
        double[] twice = Arrays.stream(once).map(v -> 2 * v).toArray();
        assertThat(Arrays.copyOf(y, 18)).containsExactly(once);
        assertThat(Arrays.copyOfRange(y, 18, 36)).containsExactly(twice);
    }

    @Test
    void aResidualBlockMayBeLinear() {
        Tensor x = session.tensor(new double[] {-1, 2}, shape(1, 2));
        Residual block = new Residual((t, pass) -> t.mul(2));
        assertThat(block.forward(x, Pass.evaluation()).toDoubles()).containsExactly(0, 6);
        assertThat(block.activation(Activation.NONE)
                        .forward(x, Pass.evaluation())
                        .toDoubles())
                .containsExactly(-3, 6);
        // A resumed run tells them apart.
        assertThat(Architecture.of(block)).first().isEqualTo("net: class Residual");
        assertThat(Architecture.of(block.activation(Activation.NONE)))
                .first()
                .isEqualTo("net: class Residual with activation NONE");
        assertThat(block.activation(Activation.NONE)).asString().startsWith("Residual with activation NONE");
    }

    @Test
    void rescalingMultiplies() {
        Tensor x = session.tensor(new double[] {-1, 2}, shape(1, 2));
        assertThat(new Rescaling(0.25).forward(x, Pass.evaluation()).toDoubles())
                .containsExactly(-0.25, 0.5);
        refused("Rescaling expects a finite scale, got NaN", () -> new Rescaling(Double.NaN));
    }

    /** Views of the input or of what is computed on the way would keep their memory. */
    @Test
    void layersLeaveNothingBesideTheirResult() {
        Tensor images = session.ones(shape(1, 4, 4, 4));
        List<Layer> ofImages = List.of(
                new Branches(new Conv2d(4, 2, 1), new Conv2d(4, 4, 1)),
                new ConvTranspose2d(4, 2, 2).stride(2),
                new AdaptiveAvgPool2d(3, 2),
                new AdaptiveMaxPool2d(3, 2),
                new Upsample(2),
                new Upsample(2, Interpolation.BILINEAR),
                new PixelShuffle(2),
                new PixelUnshuffle(2),
                new ReflectionPad2d(1),
                new Rescaling(0.5),
                new ZeroPad2d(1),
                new PRelu(4),
                new UNet(4, 2, 2, 1),
                Activations.relu6(),
                Activations.glu(),
                Activations.maxout(2));
        ofImages.forEach(layer -> requireNothingLeft(layer, images));
        Tensor signals = session.ones(shape(1, 4, 4));
        List<Layer> ofSignals = List.of(
                new Conv1d(4, 2, 3),
                new ConvTranspose1d(4, 2, 3),
                new MaxPool1d(2),
                new AvgPool1d(2),
                new AdaptiveMaxPool1d(3),
                new AdaptiveAvgPool1d(3));
        ofSignals.forEach(layer -> requireNothingLeft(layer, signals));
        Tensor volumes = session.ones(shape(1, 4, 3, 3, 3));
        List<Layer> ofVolumes = List.of(
                new Conv3d(4, 2, 2),
                new ConvTranspose3d(4, 2, 2).stride(2),
                new MaxPool3d(2),
                new AvgPool3d(2),
                new AdaptiveMaxPool3d(2),
                new AdaptiveAvgPool3d(2));
        ofVolumes.forEach(layer -> requireNothingLeft(layer, volumes));
    }

    private void requireNothingLeft(Layer layer, Tensor x) {
        try (Model model = Model.create(session, layer, 1);
                Scope scope = session.scope("layer")) {
            model.forward(x, Pass.evaluation());
            assertThat(scope.size()).as(layer.toString()).isEqualTo(1);
        }
    }

    @Test
    void branchesSayWhatTheyConsistOf() {
        Branches branches = new Branches(new MaxPool1d(2), new Branches(new MaxPool1d(3)));
        assertThat(branches)
                .hasToString("Branches\n  0: " + new MaxPool1d(2) + "\n  1: Branches\n    0: " + new MaxPool1d(3));
        assertThat(Architecture.of(branches))
                .containsExactly(
                        "net: class Branches",
                        "0: " + new MaxPool1d(2),
                        "1: class Branches",
                        "1.0: " + new MaxPool1d(3));
    }

    @Test
    void theRectifierUpToSixIsFlatOutside() {
        Tensor x = session.tensor(new double[] {-1, 2, 7}, shape(3));
        assertThat(Activations.relu6().forward(x, Pass.evaluation()).toDoubles())
                .containsExactly(0, 2, 6);
    }

    @Test
    void whatDoesNotFitIsRefused() {
        Tensor images = session.zeros(shape(1, 3, 4, 4));
        refused("Conv1d expects positive channels", () -> new Conv1d(3, 4, 3).groups(2));
        refused("Conv3d expects positive channels and kernel", () -> new Conv3d(1, 1, 0));
        refused("ConvTranspose3d expects positive channels", () -> new ConvTranspose3d(3, 4, 2).groups(2));
        refused("AdaptiveMaxPool3d expects a depth", () -> new AdaptiveMaxPool3d(1, 0, 1));
        refused("AdaptiveAvgPool1d expects a size of at least 1, got 0", () -> new AdaptiveAvgPool1d(0));
        refused(
                "padding of 0 to half the kernel 2 along the depth",
                () -> new Pool3dParameters(2, 1, 2, 0, 1, Pool2dParameters.of(2)));
        refused("maxPool3d expects floating volumes", () -> new MaxPool3d(2).forward(images, Pass.evaluation()));
        refused(
                "does not fit into input [1, 1, 2, 3, 3]",
                () -> new AvgPool3d(3).forward(session.zeros(shape(1, 1, 2, 3, 3)), Pass.evaluation()));
        refused(
                "convTranspose3d expects an output padding of at least 0 and less than the stride 1, got 1",
                () -> session.zeros(shape(1, 1, 2, 2, 2))
                        .convTranspose3d(session.zeros(shape(1, 1, 2, 2, 2)), null, Conv3dParameters.defaults(), 1));
        refused(
                "convTranspose3d expects bias [1]",
                () -> session.zeros(shape(1, 1, 2, 2, 2))
                        .convTranspose3d(
                                session.zeros(shape(1, 1, 2, 2, 2)),
                                session.zeros(shape(2)),
                                Conv3dParameters.defaults(),
                                0));
        refused("ConvTranspose2d expects positive channels", () -> new ConvTranspose2d(0, 1, 1));
        refused("Upsample expects a factor of at least 1, got 0", () -> new Upsample(0));
        refused("Upsample aligns corners", () -> new Upsample(2, Interpolation.NEAREST, true));
        refused("PixelShuffle expects a factor of at least 1, got 0", () -> new PixelShuffle(0));
        refused("AdaptiveAvgPool2d expects a height", () -> new AdaptiveAvgPool2d(0));
        refused(
                "Pooling expects padding of 0 to half the kernel 3 on each side, got 0 and 2",
                () -> Pool1dParameters.of(3).withPadding(0, 2));
        refused(
                "Pooling expects kernel, stride and dilation of at least 1, got kernel 3, stride 3, dilation 0",
                () -> Pool1dParameters.of(3).withDilation(0));
        refused("avgPool1d expects input [N, C, L]", () -> images.avgPool1d(Pool1dParameters.of(2)));
        refused("MaxPool1d expects input [N, C, L]", () -> new MaxPool1d(2).forward(images, Pass.evaluation()));
        refused("Branches expects at least one layer", Branches::new);
        refused("Branches expects a layer as branch 1, got null", () -> new Branches(new Flatten(), null));
    }

    private static void refused(String words, Runnable call) {
        assertThatIllegalArgumentException().isThrownBy(call::run).withMessageContaining(words);
    }
}
