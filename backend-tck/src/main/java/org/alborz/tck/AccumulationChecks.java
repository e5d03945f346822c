package org.alborz.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.alborz.autograd.Tape;
import org.alborz.metrics.Accuracy;
import org.alborz.metrics.Auc;
import org.alborz.metrics.Confusion;
import org.alborz.metrics.F1;
import org.alborz.metrics.Mean;
import org.alborz.metrics.MeanAbsoluteError;
import org.alborz.metrics.Metric;
import org.alborz.metrics.MetricInputs;
import org.alborz.metrics.MetricSums;
import org.alborz.metrics.Perplexity;
import org.alborz.metrics.RunningMetrics;
import org.alborz.metrics.TopK;
import org.alborz.nn.BatchTensors;
import org.alborz.nn.GlobalAvgPool2d;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Pass;
import org.alborz.ops.AvgPool2dOp;
import org.alborz.ops.BatchNormOp;
import org.alborz.ops.Conv2dBackwardFilter;
import org.alborz.ops.CrossEntropy;
import org.alborz.ops.Engine;
import org.alborz.ops.ScatterAdd;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Pool2dParameters;
import org.alborz.type.Shape;
import org.junit.jupiter.api.DynamicNode;

/**
 * Results of very many numbers, whose sums are beyond 16 bits or lose their digits there: nothing may be added up in the type of the
 * tensors. What is expected is the exact result, rounded once.
 */
final class AccumulationChecks {
    private static final List<DType> TYPES = List.of(DType.FLOAT16, DType.BFLOAT16, DType.FLOAT32);

    /** More than FLOAT16's largest number, and more than BFLOAT16 can count. */
    private static final int MANY = 70_000;

    private static final int POWER_OF_TWO = 1 << 17;

    private static final int SEED = 61;

    /** An entry with what it should give. */
    private record Case(Computation computation, double... expected) {}

    /** An operation on many numbers of a session's type. */
    private interface Computation {
        Tensor of(Session session);
    }

    private final Sessions sessions;

    AccumulationChecks(Sessions sessions) {
        this.sessions = sessions;
    }

    Stream<DynamicNode> all() {
        List<DynamicNode> tests = new ArrayList<>();
        for (DType dtype : TYPES) {
            if (sessions.refusal(dtype) == null) {
                cases().forEach((name, test) -> tests.add(dynamicTest(
                        name + " / " + dtype, () -> sessions.run(dtype, session -> check(name, test, session)))));
                tests.add(dynamicTest(
                        "sums and means of random numbers / " + dtype,
                        () -> sessions.run(dtype, AccumulationChecks::random)));
                tests.add(dynamicTest("metrics / " + dtype, () -> sessions.run(dtype, AccumulationChecks::metrics)));
                tests.add(dynamicTest(
                        "metrics of very many samples / " + dtype,
                        () -> sessions.run(dtype, AccumulationChecks::metricsOfVeryMany)));
            }
        }
        for (DType dtype : DType.values()) {
            if (dtype.isFloating() && sessions.refusal(dtype) == null) {
                tests.add(dynamicTest(
                        "means of the largest numbers / " + dtype,
                        () -> sessions.run(dtype, AccumulationChecks::largest)));
                tests.add(dynamicTest(
                        "average pooling of the largest numbers / " + dtype,
                        () -> sessions.run(dtype, AccumulationChecks::largestPooled)));
                tests.add(dynamicTest(
                        "cross-entropy of the largest numbers / " + dtype,
                        () -> sessions.run(dtype, AccumulationChecks::largestLogits)));
            }
        }
        return tests.stream();
    }

    private static void check(String name, Case test, Session session) {
        Tensor y = test.computation().of(session);
        double[] actual = y.toDoubles();
        double error = tolerance(session.dtype());
        for (int i = 0; i < actual.length; i++) {
            double expected = test.expected()[test.expected().length == 1 ? 0 : i];
            assertThat(Math.abs(actual[i] - expected) <= error * Math.abs(expected) + smallest(session.dtype()))
                    .as("%s in %s: element %d expected %s, got %s", name, session.dtype(), i, expected, actual[i])
                    .isTrue();
        }
    }

    /** Two roundings: of the result, and of what it is multiplied with. */
    private static double tolerance(DType dtype) {
        return dtype == DType.FLOAT32 ? 2e-6 : 2.01 * HalfPrecision.of(dtype).roundingError();
    }

    /** Half of the smallest number, twice. */
    private static double smallest(DType dtype) {
        return dtype == DType.FLOAT16 ? 0x1p-24 : 0;
    }

    private static Tensor full(Session session, double value, int... sizes) {
        return session.full(value, Shape.of(sizes));
    }

    private static Map<String, Case> cases() {
        Map<String, Case> cases = new LinkedHashMap<>();
        for (int count : new int[] {MANY, POWER_OF_TWO}) {
            String of = " of " + count;
            cases.put("mean of ones" + of, new Case(s -> full(s, 1, count).mean(), 1));
            cases.put(
                    "mean of large numbers" + of,
                    new Case(s -> full(s, 32768, count).mean(), 32768));
            cases.put("mean of rows" + of, new Case(s -> full(s, 8, 2, count).mean(false, 1), 8));
            cases.put("mean of columns" + of, new Case(s -> full(s, 8, count, 3).mean(true, 0), 8));
            cases.put(
                    "mean over both sides" + of,
                    new Case(s -> full(s, 8, count / 50, 2, 50).mean(true, 0, -1), 8));
            cases.put(
                    "mean of a strided view" + of,
                    new Case(
                            s -> full(s, 4, 2, count)
                                    .transpose(0, 1)
                                    .narrow(1, 1, 1)
                                    .mean(),
                            4));
            cases.put("sum" + of, new Case(s -> full(s, 0x1p-8, count).sum(), count * 0x1p-8));
            cases.put(
                    "sum of columns" + of,
                    new Case(s -> full(s, 0x1p-8, count, 2).sum(false, 0), count * 0x1p-8));
            cases.put("gradient of a mean" + of, new Case(s -> gradientOfMean(s, count), 1024.0 / count));
            cases.put(
                    "gradient of a broadcast addend" + of,
                    new Case(s -> gradientOfAddend(s, count, 2), count * 0x1p-8));
            cases.put("gradient of equal maxima" + of, new Case(s -> gradientOfMax(s, count), 512.0 / count));
            cases.put("scatterAdd" + of, new Case(s -> scattered(s, count), count * 0x1p-8));
            cases.put("product" + of, new Case(s -> product(s, count), count * 0x1p-8));
        }
        Pool2dParameters whole = new Pool2dParameters(250, 140, 1, 1, 0, 0);
        cases.put(
                "average pooling", new Case(s -> Engine.apply(new AvgPool2dOp(whole), full(s, 3, 1, 2, 250, 140)), 3));
        cases.put(
                "global average pooling",
                new Case(s -> new GlobalAvgPool2d().forward(full(s, 3, 1, 2, 250, 140), Pass.evaluation()), 3));
        cases.put("mean cross-entropy", new Case(s -> crossEntropy(s), Math.log(2)));
        cases.put("cross-entropy of many classes", new Case(s -> manyClasses(s, false), Math.log(MANY)));
        cases.put("composed cross-entropy of many classes", new Case(s -> manyClasses(s, true), Math.log(MANY)));
        cases.put("mean squared error", new Case(s -> Loss.mse().of(full(s, 5, MANY), full(s, 3, MANY)), 4));
        cases.put("mean squared error with an outlier", new Case(AccumulationChecks::outlier, 1024 * 1024 / 4096.0));
        cases.put("softmax", new Case(s -> full(s, 2, 2, MANY).softmax(), 1.0 / MANY));
        cases.put("logarithm of softmax", new Case(s -> full(s, 2, 2, MANY).logSoftmax(), -Math.log(MANY)));
        cases.put("bias gradient of a linear layer", new Case(AccumulationChecks::biasGradient, MANY * 0x1p-8));
        cases.put("gradient of 3000 uses", new Case(s -> gradientOfUses(s, false), 3000 * 0x1p-8));
        cases.put("recorded gradient of 3000 uses", new Case(s -> gradientOfUses(s, true), 3000 * 0x1p-8));
        cases.put("filter gradient", new Case(AccumulationChecks::filterGradient, 35_000 * 0x1p-8));
        cases.put("batch norm's gradients", new Case(s -> batchNormGradients(s, false), 0, 0, 273.4375, 273.4375));
        cases.put("composed batch norm's", new Case(s -> batchNormGradients(s, true), 0, 0, 273.4375, 273.4375));
        return cases;
    }

    private static Tensor gradientOfMean(Session session, int count) {
        Tape tape = new Tape(session);
        Tensor x = tape.watch(full(session, 1, count));
        return tape.gradients(x.mean().mul(1024), x).of(x);
    }

    private static Tensor gradientOfAddend(Session session, int rows, int columns) {
        Tape tape = new Tape(session);
        Tensor b = tape.watch(full(session, 1, columns));
        Tensor y = full(session, 1, rows, columns).add(b);
        return tape.gradients(y, full(session, 0x1p-8, rows, columns), new Tensor[] {b})
                .of(b);
    }

    private static Tensor gradientOfMax(Session session, int count) {
        Tape tape = new Tape(session);
        Tensor x = tape.watch(full(session, 1, count));
        return tape.gradients(x.max(false, 0).mul(512), x).of(x);
    }

    private static Tensor scattered(Session session, int count) {
        Tensor indices = session.tensor(new int[count], Shape.of(count));
        return Engine.apply(new ScatterAdd(0, 1), full(session, 0x1p-8, count, 2), indices);
    }

    private static Tensor product(Session session, int count) {
        return full(session, 0x1p-4, 2, count).matmul(full(session, 0x1p-4, count, 3));
    }

    private static Tensor crossEntropy(Session session) {
        Tensor labels = session.tensor(new int[MANY], Shape.of(MANY));
        return Loss.crossEntropy().of(full(session, 2, MANY, 2), labels);
    }

    private static Tensor manyClasses(Session session, boolean composed) {
        Tensor logits = full(session, 2, 2, MANY);
        Tensor labels = session.tensor(new int[] {5, MANY - 1}, Shape.of(2));
        return composed
                ? CrossEntropy.composed(logits, labels, 0)
                : Engine.apply(new CrossEntropy(0.5), logits, labels);
    }

    /** One error whose square FLOAT16 does not have, and none else. */
    private static Tensor outlier(Session session) {
        float[] output = new float[4096];
        output[77] = 1024;
        return Loss.mse().of(session.tensor(output, Shape.of(4096)), full(session, 0, 4096));
    }

    private static Tensor biasGradient(Session session) {
        Linear layer = new Linear(2, 3);
        try (Model model = Model.create(session, layer, SEED)) {
            Tape tape = new Tape(session);
            Pass pass = Pass.training(tape, SEED, 1);
            Tensor y = layer.forward(full(session, 1, MANY, 2), pass);
            Tensor bias = pass.used(model.parameters().get("bias"));
            return tape.gradients(y, full(session, 0x1p-8, MANY, 3), new Tensor[] {bias})
                    .of(bias);
        }
    }

    private static Tensor gradientOfUses(Session session, boolean recorded) {
        Tape tape = new Tape(session);
        Tensor x = tape.watch(full(session, 1, 1));
        Tensor[] uses = new Tensor[3000];
        Arrays.setAll(uses, i -> x.mul(0x1p-8));
        Tensor loss = Tensor.concat(0, uses).sum();
        Tensor gradient = recorded
                ? tape.differentiableGradients(loss, x).of(x).detach()
                : tape.gradients(loss, x).of(x);
        tape.close();
        return gradient;
    }

    private static Tensor filterGradient(Session session) {
        Tensor x = full(session, 1, 1, 2, 250, 140);
        Tensor dy = full(session, 0x1p-8, 1, 3, 250, 140);
        return Engine.apply(new Conv2dBackwardFilter(Conv2dParameters.defaults(), Shape.of(3, 2, 1, 1)), x, dy);
    }

    /** Returns the gradients by gamma and beta; half of the numbers are 900, whose squares FLOAT16 does not have, and half -900. */
    private static Tensor batchNormGradients(Session session, boolean composed) {
        double[] values = new double[2 * MANY];
        Arrays.setAll(values, i -> i / 2 % 2 == 0 ? 900 : -900);
        Tape tape = new Tape(session);
        Tensor x = tape.watch(session.tensor(values, Shape.of(MANY, 2)));
        Tensor gamma = tape.watch(full(session, 1, 2));
        Tensor beta = tape.watch(full(session, 0, 2));
        Tensor y = Engine.apply(new BatchNormOp(1e-5), x, gamma, beta);
        Tensor loss = y.mul(0x1p-8).sum();
        Tensor both = session.empty(session.dtype(), Layout.rowMajor(Shape.of(4)));
        var gradients =
                composed ? tape.differentiableGradients(loss, x, gamma, beta) : tape.gradients(loss, x, gamma, beta);
        assertThat(HostArray.of(x.shape(), gradients.of(x).toDoubles()).largestMagnitude())
                .as("gradient by x")
                .isLessThan(1e-9);
        both.narrow(0, 0, 2).assign(gradients.of(gamma).detach());
        both.narrow(0, 2, 2).assign(gradients.of(beta).detach());
        tape.close();
        return both;
    }

    /** Against sums in double of the very numbers. */
    private static void random(Session session) {
        DType dtype = session.dtype();
        double error =
                dtype == DType.FLOAT32 ? 1e-6 : 1.01 * HalfPrecision.of(dtype).roundingError();
        for (Shape shape : new Shape[] {Shape.of(POWER_OF_TWO), Shape.of(3, 30_001), Shape.of(300, 65)}) {
            HostArray values = HostArray.uniform(SEED, 0.01, 0.05, shape);
            Tensor x = session.tensor(values.values(), shape);
            HostArray exact = HostArray.of(shape, x.toDoubles());
            for (int axis = 0; axis < shape.rank(); axis++) {
                double count = shape.size(axis);
                HostArray sums = exact.reduce(0, Double::sum, axis);
                String what = "seed " + SEED + ", axis " + axis + " of " + shape;
                new Tolerance(error, error, true).check("sum, " + what, x.sum(true, axis), sums);
                new Tolerance(error, error, true)
                        .check("mean, " + what, x.mean(true, axis), sums.map(sum -> sum / count));
            }
        }
    }

    /** Returns a number of which two have no sum in the type that sums are kept in, or in the type itself. */
    private static double largestOf(DType dtype) {
        return switch (dtype) {
            case FLOAT16 -> 65504;
            case BFLOAT16 -> 0x1p127;
            case FLOAT32 -> 0x1p127;
            case FLOAT64 -> 0x1p1023;
            case INT32, INT64, UINT8, BOOL -> throw new IllegalArgumentException("not a floating type");
        };
    }

    private static void largestPooled(Session session) {
        Pool2dParameters window = new Pool2dParameters(2, 2, 1, 1, 0, 0);
        for (double value : new double[] {largestOf(session.dtype()), -largestOf(session.dtype())}) {
            for (int channels : new int[] {1, 3, 8, 17}) {
                Tape tape = new Tape(session);
                double[] values = new double[channels * 12];
                Arrays.setAll(values, i -> value);
                values[0] = Math.copySign(1 / 0.0, value);
                Tensor x = tape.watch(session.tensor(values, Shape.of(1, channels, 3, 4)));
                Tensor y = Engine.apply(new AvgPool2dOp(window), x);
                double[] expected = new double[channels * 6];
                Arrays.fill(expected, value);
                expected[0] = values[0];
                assertThat(y.toDoubles()).as("%d channels", channels).isEqualTo(expected);
                Tensor dx = tape.gradients(y, full(session, value, 1, channels, 2, 3), new Tensor[] {x})
                        .of(x);
                assertThat(dx.narrow(2, 1, 1).narrow(3, 1, 2).toDoubles())
                        .as("gradient of %d channels", channels)
                        .containsOnly(value);
            }
        }
    }

    /** The loss is a mean of such numbers, weighted. */
    private static void largestLogits(Session session) {
        double value = largestOf(session.dtype());
        Tensor logits = session.tensor(new double[] {1, value, 1}, Shape.of(1, 3));
        double loss = Engine.apply(new CrossEntropy(0.2), logits, session.tensor(new int[] {0}, Shape.of(1)))
                .item();
        assertThat(loss / value).isBetween(0.99 * (1 - 0.2 / 3), 1.01 * (1 - 0.2 / 3));
    }

    private static void largest(Session session) {
        double largest = largestOf(session.dtype());
        for (double value : new double[] {largest, -largest}) {
            for (int count : new int[] {2, 64, 4096, 1 << 17}) {
                String what = count + " times " + value;
                Tensor row = full(session, value, count);
                assertThat(row.mean().item()).as(what).isEqualTo(value);
                Tensor columns = full(session, value, count, 3);
                assertThat(columns.mean(false, 0).toDoubles()).as(what).containsOnly(value);
                assertThat(columns.transpose(0, 1).mean(true, -1).toDoubles())
                        .as(what)
                        .containsOnly(value);
                assertThat(columns.narrow(1, 1, 1).mean().item()).as(what).isEqualTo(value);
            }
            Tensor images = full(session, value, 2, 17, 5, 8).to(Layout.channelsLast(Shape.of(2, 17, 5, 8)));
            for (Tensor mean : new Tensor[] {
                full(session, value, 600, 1030).mean(false, 1), images.mean(false, 2, 3), images.mean(true, 1)
            }) {
                new Tolerance(0, 1e-12, true).check("means of " + value, mean, HostArray.filled(value, mean.shape()));
            }
            Tensor infinite = session.tensor(new double[] {1, Math.copySign(1 / 0.0, value), 2}, Shape.of(3));
            assertThat(infinite.mean().item()).isEqualTo(Math.copySign(1 / 0.0, value));
        }
    }

    /** Counts and losses of an epoch go on beyond what 16 bits hold. */
    private static void metrics(Session session) {
        try (Model model = Model.create(session, new Linear(1, 2), SEED)) {
            RunningMetrics metrics = new RunningMetrics(model, List.of(new Accuracy()));
            int before = 65_000;
            metrics.restore(2.5 * before, 0, before);
            metrics.sums().get("accuracy.0").fill(before);
            Tensor logits = session.tensor(new float[] {0, 1, 0, 1, 1, 0}, Shape.of(3, 2));
            Tensor labels = session.tensor(new int[] {1, 1, 1}, Shape.of(3));
            BatchTensors tensors = new BatchTensors(3).field("input", logits).field("label", labels);
            tensors.put(BatchTensors.OUTPUT, logits);
            tensors.put(BatchTensors.LOSS, session.scalar(2.5));
            for (int batch = 0; batch < 700; batch++) {
                metrics.add(tensors);
            }
            assertThat(metrics.samples()).isEqualTo(before + 3 * 700);
            assertThat(metrics.sums().get("accuracy.0").item()).isEqualTo(before + 2 * 700);
            assertThat(metrics.loss()).isEqualTo(2.5);
        }
    }

    /** Sums go on beyond 2²⁴, from where float32 knows no odd number. */
    private static void metricsOfVeryMany(Session session) {
        List<Metric> metrics = List.of(
                new Accuracy(),
                new TopK(1),
                new Confusion(2),
                new F1(),
                new Auc(),
                new Perplexity(),
                new MeanAbsoluteError(inputs()),
                new Mean("part"));
        try (Model model = Model.create(session, new Linear(1, 2), SEED);
                MetricSums sums = new MetricSums(model, metrics);
                RunningMetrics running = new RunningMetrics(model, List.of())) {
            double before = 0x1p24;
            sums.tensors().values().forEach(sum -> sum.fill(before));
            running.restore(before, before, 1 << 24);
            Tensor logits = session.tensor(new float[] {0, 1}, Shape.of(1, 2));
            BatchTensors tensors = new BatchTensors(1)
                    .field("input", logits)
                    .field("label", session.tensor(new int[] {1}, Shape.of(1)));
            tensors.put(BatchTensors.OUTPUT, logits);
            tensors.put("one", session.tensor(new float[] {1}, Shape.of(1)));
            tensors.put("two", session.tensor(new float[] {2}, Shape.of(1)));
            for (String one : List.of(BatchTensors.LOSS, BatchTensors.WEIGHT, "part")) {
                tensors.put(one, session.scalar(1));
            }
            for (int batch = 0; batch < 3; batch++) {
                sums.update(tensors);
                running.add(tensors);
            }
            Map<String, Tensor> after = sums.tensors();
            for (String sum : List.of(
                    "accuracy.0",
                    "top_1_accuracy.0",
                    "f1.0",
                    "f1.1",
                    "f1.2",
                    "perplexity.0",
                    "perplexity.1",
                    "two_mae.0",
                    "part.0")) {
                assertThat(after.get(sum).item()).as(sum).isEqualTo(before + 3);
            }
            assertThat(after.get("confusion.0").toDoubles()).containsExactly(before, before, before, before + 3);
            assertThat(after.get("auc.1").toDoubles()[1024 + 64]).isEqualTo(before + 3);
            assertThat(running.lossSum()).isEqualTo(before + 3);
            assertThat(running.weightSum()).isEqualTo(before + 3);
        }
    }

    private static MetricInputs inputs() {
        return new MetricInputs("one", "two");
    }
}
