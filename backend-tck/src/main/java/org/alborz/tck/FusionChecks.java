package org.alborz.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.alborz.autograd.Tape;
import org.alborz.backend.Accumulation;
import org.alborz.backend.AdamStep;
import org.alborz.backend.Attention;
import org.alborz.backend.BatchNormGate;
import org.alborz.backend.BiasGradient;
import org.alborz.backend.ConvolutionSum;
import org.alborz.backend.Ctc;
import org.alborz.backend.DropoutMask;
import org.alborz.backend.Fusion;
import org.alborz.backend.GeluGradient;
import org.alborz.backend.GruCell;
import org.alborz.backend.ImageGather;
import org.alborz.backend.LossScaleStep;
import org.alborz.backend.LstmCell;
import org.alborz.backend.LstmSequence;
import org.alborz.backend.MeanSoftmaxCrossEntropy;
import org.alborz.backend.PackedWeights;
import org.alborz.backend.PixelNormalization;
import org.alborz.backend.ReplayedUpdate;
import org.alborz.backend.RowNormalizationSum;
import org.alborz.backend.SgdStep;
import org.alborz.backend.SoftmaxCrossEntropy;
import org.alborz.backend.UnaryOp;
import org.alborz.backend.UpdateRule;
import org.alborz.backend.UpdateStep;
import org.alborz.ops.ApplyAdam;
import org.alborz.ops.ApplySgd;
import org.alborz.ops.ApplyUpdate;
import org.alborz.ops.CrossEntropy;
import org.alborz.ops.DropoutOp;
import org.alborz.ops.Engine;
import org.alborz.ops.GeluBackward;
import org.alborz.ops.MeanCrossEntropy;
import org.alborz.random.RandomKey;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicNode;

/**
 * A backend's own version of an operation gives what the composition of single operations gives.
 *
 * <p>The file is long because it checks all small fusions; larger ones have a class of their own.
 */
final class FusionChecks {
    /** The fusions that are checked here; the build fails when one is missing. */
    static final Set<Class<?>> CHECKED = Set.of(
            AdamStep.class,
            SgdStep.class,
            UpdateStep.class,
            ReplayedUpdate.class,
            LossScaleStep.class,
            DropoutMask.class,
            SoftmaxCrossEntropy.class,
            MeanSoftmaxCrossEntropy.class,
            Accumulation.class,
            PixelNormalization.class,
            ImageGather.class,
            GeluGradient.class,
            BiasGradient.class,
            BatchNormGate.class,
            ConvolutionSum.class,
            RowNormalizationSum.class,
            LstmCell.class,
            LstmSequence.class,
            GruCell.class,
            Attention.class,
            PackedWeights.class,
            Ctc.class);

    private static final int[] LENGTHS = {0, 1, 3, 8, 15, 16, 17, 33, 65, 1031, 40_003};
    private static final Tolerance STEP = new Tolerance(2e-6, 1e-13, false);
    private static final Tolerance LOSS = new Tolerance(5e-6, 1e-13, false);

    private static final Tolerance GELU = new Tolerance(1e-6, 1e-14, false);
    private static final Tolerance BIAS = Tolerance.accumulated();

    /** Of one rounding to bfloat16. */
    private static final Tolerance HALF = new Tolerance(4e-3, 1e-4, false);

    private final Sessions sessions;

    FusionChecks(Sessions sessions) {
        this.sessions = sessions;
    }

    Stream<DynamicNode> all() {
        List<DynamicNode> tests = new ArrayList<>();
        for (DType dtype : Sessions.FLOATING) {
            for (AdamStep.Parameters p : adamParameters()) {
                tests.add(dynamicTest("AdamStep / " + p + " / " + dtype, () -> adam(p, dtype)));
            }
            for (SgdStep.Parameters p : sgdParameters()) {
                tests.add(dynamicTest("SgdStep / " + p + " / " + dtype, () -> sgd(p, dtype)));
            }
            for (UpdateRule rule : UpdateRule.values()) {
                tests.add(dynamicTest("UpdateStep / " + rule + " / " + dtype, () -> update(rule, dtype)));
            }
            tests.add(dynamicTest("UpdateStep / NaN that an average leaves out / " + dtype, () -> leaveOut(dtype)));
            for (double rate : new double[] {0, 0.1, 0.5}) {
                tests.add(dynamicTest("DropoutMask / rate " + rate + " / " + dtype, () -> dropout(rate, dtype)));
            }
            tests.add(dynamicTest("GeluGradient / " + dtype, () -> geluGradient(dtype)));
            for (double smoothing : new double[] {0, 0.1}) {
                tests.add(dynamicTest(
                        "SoftmaxCrossEntropy / smoothing " + smoothing + " / " + dtype,
                        () -> crossEntropy(smoothing, dtype)));
                tests.add(dynamicTest(
                        "MeanSoftmaxCrossEntropy / smoothing " + smoothing + " / " + dtype,
                        () -> meanCrossEntropy(smoothing, dtype)));
            }
        }
        new ReplayedUpdateChecks(sessions).all().forEach(tests::add);
        new LossScaleChecks(sessions).all().forEach(tests::add);
        new ImageGatherChecks(sessions).all().forEach(tests::add);
        for (DType dtype : List.of(DType.FLOAT32, DType.FLOAT64, DType.FLOAT16, DType.BFLOAT16)) {
            if (sessions.refusal(dtype) == null) {
                tests.add(dynamicTest("GeluGradient before a bias / " + dtype, () -> geluAndBias(dtype)));
            }
        }
        tests.addAll(new BiasGradientChecks(sessions).all());
        tests.addAll(new BatchNormGateChecks(sessions).all());
        tests.addAll(new ConvolutionSumChecks(sessions).all());
        tests.addAll(new RowNormalizationSumChecks(sessions).all());
        tests.addAll(new MetricSumChecks(sessions).all());
        tests.addAll(new GateChecks(sessions).all());
        tests.addAll(new LstmChecks(sessions).all());
        tests.addAll(new AttentionChecks(sessions).all());
        tests.addAll(new PackedWeightsChecks(sessions).all());
        tests.addAll(new CtcChecks(sessions).all());
        for (DType dtype : DType.values()) {
            if (dtype.isFloating() && sessions.refusal(dtype) == null) {
                tests.add(dynamicTest("PixelNormalization / " + dtype, () -> pixels(dtype)));
            }
        }
        return tests.stream();
    }

    /** The bits are those of the host. */
    private void pixels(DType dtype) {
        sessions.run(DType.FLOAT32, session -> {
            PixelNormalization fused = offered(session, PixelNormalization.class);
            for (Shape shape : new Shape[] {
                Shape.of(2, 3, 5, 7), Shape.of(1, 1, 16, 16), Shape.of(3, 4, 9, 11), Shape.of(0, 3, 2, 2)
            }) {
                pixels(session, fused, shape, dtype, false);
                pixels(session, fused, shape, dtype, true);
            }
        });
    }

    private static void pixels(Session session, PixelNormalization fused, Shape shape, DType dtype, boolean padded) {
        int n = shape.size(0);
        int channels = shape.size(1);
        int height = shape.size(2);
        int width = shape.size(3);
        float[] statistics = new float[2 * channels];
        for (int c = 0; c < channels; c++) {
            statistics[c] = 0.1f * c - 0.05f;
            statistics[channels + c] = 0.3f + 0.01f * c;
        }
        byte[] bytes = new byte[(int) shape.elements()];
        byte[] rows = new byte[n * height];
        byte[] columns = new byte[n * width * channels];
        List<Number> expected = new ArrayList<>();
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (7 * i);
            int c = i % channels;
            int column = i / channels % width;
            int row = i / channels / width % height;
            int image = i / channels / width / height;
            boolean ownRow = row >= image && row < height - 1;
            boolean ownColumn = column > 0 && column < width - image;
            rows[image * height + row] = (byte) (ownRow ? 1 : 0);
            columns[(image * width + column) * channels + c] = (byte) (ownColumn ? 1 : 0);
            float value = ((bytes[i] & 0xFF) / 255f - statistics[c]) / statistics[channels + c];
            expected.add(TypedValues.convert(padded && !(ownRow && ownColumn) ? 0.0 : (double) value, dtype));
        }
        Shape stored = Shape.of(n, height, width, channels);
        Tensor y = session.empty(dtype, Layout.channelsLast(shape));
        fused.apply(
                session.tensor(bytes, stored).permute(0, 3, 1, 2),
                session.tensor(statistics, Shape.of(2, channels)),
                padded ? session.tensor(rows, Shape.of(n, height)) : null,
                padded ? session.tensor(columns, Shape.of(n, width, channels)) : null,
                y);
        TypedOperands.require("pixels of " + shape, expected, y.permute(0, 2, 3, 1));
    }

    static <F extends Fusion> F offered(Session session, Class<F> type) {
        return session.backend()
                .fusion(type)
                .orElseGet(() -> Assumptions.abort(session.backend().name() + " composes " + type.getSimpleName()));
    }

    private static List<AdamStep.Parameters> adamParameters() {
        return List.of(
                AdamStep.Parameters.of(1e-3, 0.9, 0.999, 1e-8, 0, false, 1),
                AdamStep.Parameters.of(1e-2, 0.9, 0.999, 1e-8, 0.1, false, 1),
                AdamStep.Parameters.of(1e-2, 0.8, 0.99, 1e-3, 0.1, true, 7),
                AdamStep.Parameters.of(1e-3, 0, 0, 1e-8, 0, true, 100_000));
    }

    private void adam(AdamStep.Parameters p, DType dtype) {
        sessions.run(dtype, session -> {
            AdamStep fused = offered(session, AdamStep.class);
            for (int length : LENGTHS) {
                Tensor gradient = part(session, 1, -1, length);
                Tensor[] actual = {
                    part(session, 2, -1, length), part(session, 3, -1, length), part(session, 4, 0, length)
                };
                Tensor[] expected = {
                    part(session, 2, -1, length), part(session, 3, -1, length), part(session, 4, 0, length)
                };
                fused.step(p, actual[0], gradient, actual[1], actual[2]);
                ApplyAdam.composed(p, expected[0], gradient, expected[1], expected[2]);
                compare("value", actual[0], expected[0], STEP);
                compare("first moment", actual[1], expected[1], STEP);
                compare("second moment", actual[2], expected[2], STEP);
                compare("gradient", gradient, part(session, 1, -1, length), Tolerance.rounded());
            }
        });
    }

    private static List<SgdStep.Parameters> sgdParameters() {
        return List.of(
                new SgdStep.Parameters(0.1, 0, 0, false),
                new SgdStep.Parameters(0.1, 0, 0.01, false),
                new SgdStep.Parameters(0.1, 0.9, 0, false),
                new SgdStep.Parameters(0.1, 0.9, 0.01, true));
    }

    private void sgd(SgdStep.Parameters p, DType dtype) {
        sessions.run(dtype, session -> {
            SgdStep fused = offered(session, SgdStep.class);
            for (int length : LENGTHS) {
                Tensor gradient = part(session, 1, -1, length);
                Tensor value = part(session, 2, -1, length);
                Tensor expectedValue = part(session, 2, -1, length);
                Tensor velocity = p.momentum() == 0 ? null : part(session, 3, -1, length);
                Tensor expectedVelocity = p.momentum() == 0 ? null : part(session, 3, -1, length);
                fused.step(p, value, gradient, velocity);
                ApplySgd.composed(p, expectedValue, gradient, expectedVelocity);
                compare("value", value, expectedValue, STEP);
                if (velocity != null) {
                    compare("velocity", velocity, expectedVelocity, STEP);
                }
                compare("gradient", gradient, part(session, 1, -1, length), Tolerance.rounded());
            }
        });
    }

    /**
     * The numbers of steps with a weight decay of either kind, and without a correction, which RAdam takes for its first steps, and at a rate of 1, by which
     * averages begin.
     */
    static List<UpdateStep.Parameters> updateParameters(UpdateRule rule) {
        return List.of(
                new UpdateStep.Parameters(rule, 0.01, 0.002, 0.9, 0.99, 1.25, 1e-8, 0.1, 1),
                new UpdateStep.Parameters(rule, 0.5, 0.1, 0.8, 0.9, 1, 1e-3, 0, 0.875),
                new UpdateStep.Parameters(rule, 0.01, 0.002, 0.9, 0.99, 0, 1e-3, 0.1, 1),
                new UpdateStep.Parameters(rule, 1, 0.002, 0.9, 0.99, 0.5, 1e-3, 0.1, 1));
    }

    private void update(UpdateRule rule, DType dtype) {
        sessions.run(dtype, session -> {
            UpdateStep fused = offered(session, UpdateStep.class);
            for (UpdateStep.Parameters p : updateParameters(rule)) {
                for (int length : LENGTHS) {
                    Tensor gradient = part(session, 1, -1, length);
                    Tensor[] actual = updated(session, rule, length);
                    Tensor[] expected = updated(session, rule, length);
                    fused.step(p, actual[0], gradient, actual[1], actual[2], actual[3]);
                    ApplyUpdate.composed(p, expected[0], gradient, expected[1], expected[2], expected[3]);
                    for (int i = 0; i <= rule.states(); i++) {
                        compare(i == 0 ? "value" : "state " + i, actual[i], expected[i], STEP);
                    }
                    compare("gradient", gradient, part(session, 1, -1, length), Tolerance.rounded());
                }
            }
        });
    }

    /** What a share of 0 or 1 leaves out does not make the result NaN, though 0 times NaN is. */
    private void leaveOut(DType dtype) {
        leaveOut(UpdateRule.AVERAGE, 1, dtype);
        leaveOut(UpdateRule.LOOKAHEAD, 1, dtype);
        leaveOut(UpdateRule.LOOKAHEAD, 0, dtype);
    }

    private void leaveOut(UpdateRule rule, double rate, DType dtype) {
        UpdateStep.Parameters p = new UpdateStep.Parameters(rule, rate, 0, 0, 0, 1 - rate, 0, 0, 1);
        sessions.run(dtype, session -> {
            UpdateStep fused = offered(session, UpdateStep.class);
            for (int length : LENGTHS) {
                for (boolean composed : new boolean[] {false, true}) {
                    Tensor kept = part(session, 2, -1, length);
                    Tensor left = part(session, 3, -1, length).fill(Double.NaN);
                    Tensor value = rate == 0 ? left : part(session, 2, -1, length);
                    Tensor state = rate == 0 ? part(session, 2, -1, length) : left;
                    if (composed) {
                        ApplyUpdate.composed(p, value, value, state, null, null);
                    } else {
                        fused.step(p, value, value, state, null, null);
                    }
                    compare("value at rate " + rate, value, kept, Tolerance.rounded());
                    compare("state at rate " + rate, state, kept, Tolerance.rounded());
                }
            }
        });
    }

    /** Returns a value and the states of a rule, such as come up: of the averages of squares none is below 0 or the square of the mean. */
    private static Tensor[] updated(Session session, UpdateRule rule, int length) {
        Tensor[] tensors = new Tensor[4];
        tensors[0] = part(session, 2, -1, length);
        boolean squaresFirst = switch (rule) {
            case ADAGRAD, ADADELTA, RMSPROP, RMSPROP_MOMENTUM, CENTERED_RMSPROP, CENTERED_RMSPROP_MOMENTUM -> true;
            case ADAMAX, NADAM, RADAM, AMSGRAD, LION, LAMB_DIRECTION, AVERAGE, LOOKAHEAD -> false;
        };
        for (int i = 1; i <= rule.states(); i++) {
            Tensor state = part(session, 2 + i, 0, length);
            if (i == 1 && squaresFirst) {
                state.update(UnaryOp.ADD, 1);
            } else if (i == 1 || rule == UpdateRule.CENTERED_RMSPROP || rule == UpdateRule.CENTERED_RMSPROP_MOMENTUM) {
                state.update(UnaryOp.ADD, -0.5);
            }
            tensors[i] = state;
        }
        return tensors;
    }

    /** Returns a part of a longer tensor, which starts at an odd place. */
    private static Tensor part(Session session, long seed, double low, int length) {
        HostArray values = HostArray.uniform(seed, low, 1, Shape.of(length + 5));
        return session.tensor(values.values(), values.shape()).narrow(0, 3, length);
    }

    private void dropout(double rate, DType dtype) {
        RandomKey key = new RandomKey(3, 4, 5);
        sessions.run(dtype, session -> {
            DropoutMask fused = offered(session, DropoutMask.class);
            for (int length : LENGTHS) {
                Tensor x = part(session, 6, -1, length);
                Tensor y = session.empty(dtype, x.layout().compact());
                fused.apply(key, rate, x, y);
                Tensor expected = DropoutOp.composed(x, rate, key);
                compare("dropout", y, expected, Tolerance.function());
                fused.apply(key, rate, x, x);
                compare("dropout in place", x, expected, Tolerance.function());
            }
            HostArray images = HostArray.uniform(7, -1, 1, Shape.of(2, 3, 5, 7));
            Tensor x = session.tensor(images.values(), images.shape()).to(Layout.channelsLast(images.shape()));
            compare(
                    "channels-last dropout",
                    Engine.apply(new DropoutOp(rate, key), x),
                    DropoutOp.composed(x, rate, key),
                    Tolerance.function());
        });
    }

    /** The composition is that of float64: the two terms cancel near −0.75, and each side rounds them in its own way. */
    private void geluGradient(DType dtype) {
        sessions.run(dtype, session -> {
            GeluGradient fused = offered(session, GeluGradient.class);
            for (int length : LENGTHS) {
                Tensor x = part(session, 9, -6, length);
                Tensor dy = part(session, 10, -1, length);
                Tensor dx = session.empty(dtype, x.layout().compact());
                fused.apply(dy, x, dx);
                compare("gelu's gradient", dx, GeluBackward.composed(dy.to(DType.FLOAT64), x.to(DType.FLOAT64)), GELU);
            }
            double[] special = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 0, 50, -50};
            double[] expected = {Double.NaN, 3, 0, 1.5, 3, 0};
            // More than a vector, and some that fill none. Exactly, but that 0 may have a sign.
            Tensor x = session.tensor(special).to(dtype).tile(7);
            Tensor dx = session.empty(dtype, x.layout());
            fused.apply(session.full(3, x.shape(), dtype), x, dx);
            assertThat(dx.add(0).toDoubles())
                    .as("gelu's gradient at special values, times 3")
                    .isEqualTo(session.tensor(expected).tile(7).toDoubles());
        });
    }

    /** The gradient before GELU, and that of a bias that was added there, which a backend may compute in one pass. */
    private void geluAndBias(DType dtype) {
        sessions.run(DType.FLOAT32, session -> {
            offered(session, GeluGradient.class); // what is composed is rounded several times
            for (Shape shape : new Shape[] {Shape.of(1, 40), Shape.of(7, 3), Shape.of(600, 40)}) {
                Tensor x = drawn(session, 9, -6, shape, dtype);
                Tensor dy = drawn(session, 10, -1, shape, dtype);
                Tensor dx = Engine.apply(new GeluBackward(), dy, x);
                Tensor dbias = dx.sum(false, 0);
                Tensor expected = GeluBackward.composed(dy.to(DType.FLOAT64), x.to(DType.FLOAT64));
                compare("gelu's gradient of " + shape, dx, expected, dtype.bytes() == 2 ? HALF : GELU);
                Tensor sums = dx.to(DType.FLOAT64).sum(false, 0);
                compare("the bias's gradient of " + shape, dbias, sums, dtype.bytes() == 2 ? HALF : BIAS);
            }
        });
    }

    private static Tensor drawn(Session session, long seed, double low, Shape shape, DType dtype) {
        return session.tensor(HostArray.uniform(seed, low, 1, shape).values(), shape)
                .to(dtype);
    }

    private void crossEntropy(double smoothing, DType dtype) {
        sessions.run(dtype, session -> {
            offered(session, SoftmaxCrossEntropy.class);
            for (int classes : new int[] {1, 2, 3, 10, 16, 17, 33, 100, 1031}) {
                for (int rows : new int[] {0, 1, 7}) {
                    HostArray scores = HostArray.uniform(8, -30, 30, Shape.of(rows, classes));
                    compareLosses(session, scores, smoothing);
                }
            }
        });
    }

    private void meanCrossEntropy(double smoothing, DType dtype) {
        sessions.run(dtype, session -> {
            offered(session, MeanSoftmaxCrossEntropy.class);
            for (int classes : new int[] {1, 10, 33, 1031}) {
                for (int rows : new int[] {1, 7, 300}) {
                    Tensor scores = part(session, 8, -30, rows * classes).reshape(rows, classes);
                    Tensor labels = session.tensor(classes(rows, classes), Shape.of(rows));
                    Tensor[] fused = meanAndGradient(scores, labels, smoothing, true);
                    Tensor[] composed = meanAndGradient(scores, labels, smoothing, false);
                    compare("mean loss", fused[0], composed[0], LOSS);
                    compare("gradient", fused[1], composed[1], LOSS);
                }
            }
        });
    }

    private static Tensor[] meanAndGradient(Tensor scores, Tensor labels, double smoothing, boolean fused) {
        Tape tape = new Tape(scores.session());
        Tensor logits = tape.watch(scores);
        Tensor mean = fused
                ? Engine.apply(new MeanCrossEntropy(smoothing), logits, labels)
                : MeanCrossEntropy.composed(logits, labels, smoothing);
        return new Tensor[] {mean, tape.gradients(mean.mul(3), logits).of(logits)};
    }

    private static int[] classes(int rows, int classes) {
        int[] classOf = new int[rows];
        Arrays.setAll(classOf, i -> (7 * i + 1) % classes);
        return classOf;
    }

    private static void compareLosses(Session session, HostArray scores, double smoothing) {
        int rows = scores.shape().size(0);
        Tensor labels = session.tensor(classes(rows, scores.shape().size(1)), Shape.of(rows));
        Tensor[] fused = lossesAndGradient(session, scores, labels, smoothing, true);
        Tensor[] composed = lossesAndGradient(session, scores, labels, smoothing, false);
        compare("losses", fused[0], composed[0], LOSS);
        compare("gradient", fused[1], composed[1], LOSS);
    }

    private static Tensor[] lossesAndGradient(
            Session session, HostArray scores, Tensor labels, double smoothing, boolean fused) {
        Tape tape = new Tape(session);
        Tensor logits = tape.watch(session.tensor(scores.values(), scores.shape()));
        Tensor losses = fused
                ? Engine.apply(new CrossEntropy(smoothing), logits, labels)
                : CrossEntropy.composed(logits, labels, smoothing);
        HostArray weights = Objective.weights(losses.shape());
        Tensor loss =
                losses.mul(session.tensor(weights.values(), losses.shape())).sum();
        return new Tensor[] {losses, tape.gradients(loss, logits).of(logits)};
    }

    static void compare(String what, Tensor actual, Tensor expected, Tolerance tolerance) {
        tolerance.check(what, actual, HostArray.of(expected.shape(), expected.toDoubles()));
    }
}
