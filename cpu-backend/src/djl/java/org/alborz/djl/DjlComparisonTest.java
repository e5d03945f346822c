package org.alborz.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.nn.pooling.Pool;
import ai.djl.nn.recurrent.GRU;
import ai.djl.nn.recurrent.LSTM;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.alborz.autograd.Gradients;
import org.alborz.autograd.Tape;
import org.alborz.nn.Activations;
import org.alborz.nn.Layer;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Pass;
import org.alborz.nn.Structure;
import org.alborz.optim.Adam;
import org.alborz.optim.AdamW;
import org.alborz.optim.Sgd;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Layers, losses and optimizers compute what DJL's own compute with its PyTorch engine, in float32; run by the profile {@code djl}.
 *
 * <p>Left out is what DJL 0.35 computes otherwise than it says: Mish, for which it takes a logarithm of base 2; means of windows without padding, which
 * it counts in; and recurrent layers of both directions, whose weights it passes on in another order than PyTorch's. Its PyTorch engine lacks transposed
 * convolutions, RMSprop and Nesterov's momentum.
 */
class DjlComparisonTest {
    private static final float CLOSE = 2e-5f;

    private final NDManager manager = NDManager.newBaseManager(Device.cpu());
    private final Session session = Session.open("cpu-vector");

    /** One thread, so that sums are always taken in one order. */
    @BeforeAll
    static void useOneThread() {
        Engine.getEngine("PyTorch");
        JniUtils.setNumThreads(1);
    }

    @AfterEach
    void close() {
        session.close();
        manager.close();
    }

    private static float[] numbers(int seed, Shape shape) {
        float[] values = new float[(int) shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Math.sin(1.7 * i + seed + 0.01 * i * i);
        }
        return values;
    }

    private Tensor tensor(NDArray array) {
        int[] sizes = Arrays.stream(array.getShape().getShape())
                .mapToInt(Math::toIntExact)
                .toArray();
        return session.tensor(array.toFloatArray(), org.alborz.type.Shape.of(sizes));
    }

    private static void same(String what, Tensor ours, NDArray djl) {
        assertThat(ours.toFloats()).as(what).containsExactly(djl.toFloatArray(), within(CLOSE));
    }

    /** A layer of each, and what the parameters of DJL's are called here, in its order. */
    private static Arguments layer(String name, Block djl, Layer ours, Shape input, String... parameters) {
        return Arguments.of(name, djl, ours, input, List.of(parameters));
    }

    static Stream<Arguments> layers() {
        Shape images = new Shape(2, 3, 7, 6);
        Shape square = new Shape(3, 3);
        return Stream.of(
                layer(
                        "linear",
                        Linear.builder().setUnits(4).build(),
                        new org.alborz.nn.Linear(5, 4),
                        new Shape(3, 5),
                        "weight",
                        "bias"),
                layer(
                        "convolution",
                        Conv2d.builder()
                                .setKernelShape(square)
                                .setFilters(4)
                                .optPadding(new Shape(1, 1))
                                .optStride(new Shape(2, 2))
                                .build(),
                        new org.alborz.nn.Conv2d(3, 4, 3).padding(1).stride(2),
                        images,
                        "weight",
                        "bias"),
                layer(
                        "batch normalisation",
                        BatchNorm.builder().build(),
                        new org.alborz.nn.BatchNorm(3),
                        images,
                        "weight",
                        "bias",
                        "running_mean",
                        "running_var"),
                layer(
                        "layer normalisation",
                        LayerNorm.builder().axis(1).build(),
                        new org.alborz.nn.LayerNorm(8),
                        new Shape(5, 8),
                        "weight",
                        "bias"),
                layer(
                        "largest of windows",
                        Pool.maxPool2dBlock(square, new Shape(2, 2), new Shape(1, 1)),
                        new org.alborz.nn.MaxPool2d(3, 2, 1),
                        images),
                layer(
                        "means of windows",
                        Pool.avgPool2dBlock(square, new Shape(2, 2)),
                        new org.alborz.nn.AvgPool2d(3, 2, 0),
                        images),
                layer(
                        "LSTM",
                        LSTM.builder().setStateSize(4).setNumLayers(1).build(),
                        new org.alborz.nn.Lstm(5, 4),
                        new Shape(2, 6, 5),
                        "weight_ih_l0",
                        "weight_hh_l0",
                        "bias_ih_l0",
                        "bias_hh_l0"),
                layer(
                        "GRU",
                        GRU.builder().setStateSize(4).setNumLayers(1).build(),
                        new org.alborz.nn.Gru(5, 4),
                        new Shape(2, 6, 5),
                        "weight_ih_l0",
                        "weight_hh_l0",
                        "bias_ih_l0",
                        "bias_hh_l0"),
                layer("relu", Activation.reluBlock(), Activations.relu(), new Shape(40)),
                layer("leaky relu", Activation.leakyReluBlock(0.2f), Activations.leakyRelu(0.2f), new Shape(40)),
                layer("elu", Activation.eluBlock(1.5f), Activations.elu(1.5), new Shape(40)),
                layer("selu", Activation.seluBlock(), Activations.selu(), new Shape(40)),
                layer("gelu", Activation.geluBlock(), Activations.gelu(), new Shape(40)),
                layer("sigmoid", Activation.sigmoidBlock(), Activations.sigmoid(), new Shape(40)),
                layer("tanh", Activation.tanhBlock(), Activations.tanh(), new Shape(40)),
                layer("softplus", Activation.softPlusBlock(), Activations.softplus(), new Shape(40)),
                layer("softsign", Activation.softSignBlock(), Activations.softsign(), new Shape(40)),
                layer("swish", Activation.swishBlock(1), Activations.silu(), new Shape(40)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("layers")
    void layer(String name, Block djl, Layer ours, Shape input, List<String> names) {
        djl.initialize(manager, DataType.FLOAT32, input);
        List<Parameter> parameters = djl.getParameters().values();
        assertThat(parameters).as("parameters of DJL's " + name).hasSameSizeAs(names);
        NDArray x = manager.create(numbers(1, input), input);
        x.setRequiresGradient(true);
        try (Model model = Model.create(session, ours, 1);
                Tape tape = new Tape(session)) {
            for (int i = 0; i < names.size(); i++) {
                NDArray array = parameters.get(i).getArray();
                if (parameters.get(i).requiresGradient()) {
                    array.set(numbers(2 + i, array.getShape()));
                }
                model.parameter(names.get(i)).value().assign(tensor(array));
            }
            Tensor watched = tape.watch(tensor(x));
            NDArray result;
            NDArray slope;
            try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
                result = djl.forward(new ParameterStore(manager, false), new NDList(x), true)
                        .get(0);
                slope = manager.create(numbers(9, result.getShape()), result.getShape());
                collector.backward(result.mul(slope).sum());
            }
            Pass pass = Pass.training(tape, 1, 1);
            Tensor y = ours.forward(watched, pass);
            same("result", y, result);
            List<org.alborz.nn.Parameter> learned = names.stream()
                    .map(model::parameter)
                    .filter(org.alborz.nn.Parameter::isTrainable)
                    .toList();
            Tensor[] of = Stream.concat(Stream.of(watched), learned.stream().map(pass::used))
                    .toArray(Tensor[]::new);
            Gradients gradients = tape.gradients(y.mul(tensor(slope)).sum(), of);
            same("gradient of the input", gradients.of(watched), x.getGradient());
            for (int i = 0; i < names.size(); i++) {
                NDArray array = parameters.get(i).getArray();
                if (parameters.get(i).requiresGradient()) {
                    same("gradient of " + names.get(i), gradients.of(of[1 + i]), array.getGradient());
                } else {
                    same(names.get(i), model.parameter(names.get(i)).value(), array);
                }
            }
        }
    }

    static Stream<Arguments> losses() {
        Shape classes = new Shape(4);
        return Stream.of(
                Arguments.of("L1", ai.djl.training.loss.Loss.l1Loss(), Loss.mae(), new Shape(4, 3), null),
                Arguments.of("L2", ai.djl.training.loss.Loss.l2Loss("l2", 1), Loss.mse(), new Shape(4, 3), null),
                Arguments.of(
                        "cross-entropy",
                        ai.djl.training.loss.Loss.softmaxCrossEntropyLoss(),
                        Loss.crossEntropy(),
                        new Shape(4, 3),
                        classes),
                Arguments.of(
                        "binary cross-entropy",
                        ai.djl.training.loss.Loss.sigmoidBinaryCrossEntropyLoss(),
                        Loss.binaryCrossEntropy(),
                        new Shape(4),
                        null));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("losses")
    void loss(String name, ai.djl.training.loss.Loss djl, Loss ours, Shape outputs, Shape classes) {
        NDArray output = manager.create(numbers(3, outputs), outputs);
        output.setRequiresGradient(true);
        NDArray target = classes == null
                ? manager.create(numbers(4, outputs), outputs).abs()
                : manager.create(new float[] {0, 2, 1, 2}, classes);
        NDArray value;
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            value = djl.evaluate(new NDList(target), new NDList(output));
            collector.backward(value);
        }
        try (Tape tape = new Tape(session)) {
            Tensor watched = tape.watch(tensor(output));
            Tensor given = classes == null ? tensor(target) : session.tensor(new int[] {0, 2, 1, 2});
            Tensor loss = ours.of(watched, given);
            assertThat(loss.item()).as(name).isCloseTo(value.getFloat(), within((double) CLOSE));
            same("gradient", tape.gradients(loss, watched).of(watched), output.getGradient());
        }
    }

    static Stream<Arguments> optimizers() {
        Tracker rate = Tracker.fixed(0.1f);
        return Stream.of(
                Arguments.of(
                        "SGD with momentum",
                        Optimizer.sgd()
                                .setLearningRateTracker(rate)
                                .optMomentum(0.9f)
                                .optWeightDecays(0.01f)
                                .build(),
                        new Sgd(0.1).momentum(0.9).weightDecay(0.01)),
                Arguments.of(
                        "Adam", Optimizer.adam().optLearningRateTracker(rate).build(), new Adam(0.1)),
                Arguments.of(
                        "AdamW",
                        Optimizer.adamW()
                                .optLearningRateTracker(rate)
                                .optWeightDecays(0.01f)
                                .build(),
                        new AdamW(0.1).weightDecay(0.01)));
    }

    /** A layer of six numbers. */
    private static final class Numbers implements Layer {
        private final org.alborz.nn.Parameter value =
                org.alborz.nn.Parameter.of(org.alborz.type.Shape.of(6), org.alborz.nn.Initializer.constant(0));

        @Override
        public Tensor forward(Tensor x, Pass pass) {
            return pass.use(value);
        }

        @Override
        public void describe(Structure structure) {
            structure.parameter("value", value);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("optimizers")
    void optimizer(String name, Optimizer djl, org.alborz.optim.Optimizer ours) {
        Shape six = new Shape(6);
        NDArray weight = manager.create(numbers(5, six), six);
        try (Model model = Model.create(session, new Numbers(), 1)) {
            Tensor value = model.parameter("value").value();
            value.assign(tensor(weight));
            ours.attach(model);
            for (int step = 1; step <= 5; step++) {
                NDArray gradient = manager.create(numbers(5 + step, six), six);
                model.part(model.gradients(), model.parameter("value")).assign(tensor(gradient));
                djl.update("value", weight, gradient);
                ours.step(ours.learningRate(), step);
                same(name + " after step " + step, value, weight);
            }
        }
    }
}
