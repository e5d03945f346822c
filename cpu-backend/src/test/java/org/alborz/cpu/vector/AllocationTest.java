package org.alborz.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.alborz.FreshJvm;
import org.alborz.ProcessorTime;
import org.alborz.backend.AdamStep;
import org.alborz.backend.BinaryOp;
import org.alborz.backend.Comparison;
import org.alborz.backend.DropoutMask;
import org.alborz.backend.LstmSequence;
import org.alborz.backend.ReduceOp;
import org.alborz.backend.SoftmaxCrossEntropy;
import org.alborz.backend.UnaryOp;
import org.alborz.backend.UpdateRule;
import org.alborz.backend.UpdateStep;
import org.alborz.cpu.vector.Pair.TestOperand;
import org.alborz.random.RandomKey;
import org.alborz.type.Activation;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Pool2dParameters;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;

/**
 * Kernels that ran before take next to nothing from the Java heap; one thread, so that all of it is counted.
 *
 * <p>Rarely, JDK 17's compiler leaves some method for good in a version in which vectors are objects: one that it had compiled
 * for a loop that already ran. Which one it is depends on when the compiler's threads get to it. So what fails here is run once more, in a JVM of its own;
 * a kernel whose vectors are always objects fails there too.
 */
final class AllocationTest {
    /** Enough calls for the compiler to turn vectors into registers; before that each vector is an object. */
    private static final int WARM_UP = 400;

    private static final int CALLS = 50;

    /** Of processor time for a kernel in the JVM of the other tests: the compiler works in the background. */
    private static final long SHARED_JVM_NANOS = 5_000_000_000L;

    /** The same in a JVM of its own, reached only by a kernel that never gets there. */
    private static final long FRESH_JVM_NANOS = 25_000_000_000L;

    private static final long MOST_BYTES_A_CALL = 2048;

    private static final int FRESH_JVMS = 2;

    private static final Pattern LINE = Pattern.compile("allocated (\\d+) by (.+)");

    @Test
    void warmKernelsAllocateNextToNothing() throws IOException, InterruptedException {
        Map<String, Long> bytes = measure(name -> true, SHARED_JVM_NANOS);
        for (int i = 0; i < FRESH_JVMS && !over(bytes).isEmpty(); i++) {
            String[] names = over(bytes).toArray(String[]::new);
            System.out.println("AllocationTest measures again, in a JVM of its own: " + String.join(", ", names));
            Matcher lines = LINE.matcher(FreshJvm.run(Main.class, names));
            bytes.clear();
            while (lines.find()) {
                bytes.put(lines.group(2), Long.valueOf(lines.group(1)));
            }
            assertThat(bytes).containsOnlyKeys(names);
        }
        assertThat(bytes)
                .allSatisfy((name, allocated) -> assertThat(allocated).as(name).isLessThan(MOST_BYTES_A_CALL));
    }

    /** Measures the kernels that are named. */
    static final class Main {
        private Main() {}

        public static void main(String[] names) {
            measure(Set.of(names)::contains, FRESH_JVM_NANOS)
                    .forEach((name, allocated) -> System.out.println("allocated " + allocated + " by " + name));
        }
    }

    private static Map<String, Long> measure(Predicate<String> chosen, long processorNanos) {
        try (Pair pair = new Pair(1)) {
            Map<String, Long> bytes = new LinkedHashMap<>();
            kernels(pair).forEach((name, kernel) -> {
                if (chosen.test(name)) {
                    bytes.put(name, allocatedPerCall(kernel, processorNanos));
                }
            });
            return bytes;
        }
    }

    private static List<String> over(Map<String, Long> bytes) {
        return bytes.keySet().stream()
                .filter(name -> bytes.get(name) >= MOST_BYTES_A_CALL)
                .toList();
    }

    private static Map<String, Runnable> kernels(Pair pair) {
        var backend = pair.vector;
        Conv2dParameters conv = new Conv2dParameters(1, 1, 1, 1, 1, 1, 1);
        Pool2dParameters pool = new Pool2dParameters(2, 2, 2, 2, 0, 0);
        TestOperand x =
                pair.random(Layout.channelsLast(Shape.of(8, 32, 16, 16))).vector();
        TestOperand y =
                pair.random(Layout.channelsLast(Shape.of(8, 32, 16, 16))).vector();
        TestOperand dx =
                pair.random(Layout.channelsLast(Shape.of(8, 32, 16, 16))).vector();
        TestOperand w = pair.random(Layout.filter(Shape.of(32, 32, 3, 3))).vector();
        TestOperand dw = pair.random(Layout.filter(Shape.of(32, 32, 3, 3))).vector();
        TestOperand bias = pair.random(Layout.rowMajor(Shape.of(32))).vector();
        TestOperand c1 = pair.random(Layout.rowMajor(Shape.of(32))).vector();
        TestOperand c2 = pair.random(Layout.rowMajor(Shape.of(32))).vector();
        TestOperand half =
                pair.random(Layout.channelsLast(Shape.of(8, 32, 8, 8))).vector();
        TestOperand a = pair.random(Layout.rowMajor(Shape.of(64, 128))).vector();
        TestOperand wide = pair.random(Layout.rowMajor(Shape.of(64, 128))).vector();
        TestOperand b = pair.random(Layout.rowMajor(Shape.of(128, 10))).vector();
        TestOperand logits = pair.random(Layout.rowMajor(Shape.of(64, 10))).vector();
        TestOperand scores = pair.random(Layout.rowMajor(Shape.of(64, 10))).vector();
        TestOperand labels = pair.labels(64, 10).vector();
        TestOperand losses = pair.random(Layout.rowMajor(Shape.of(64))).vector();
        TestOperand sums = pair.random(Layout.rowMajor(Shape.of(1, 32, 1, 1))).vector();
        TestOperand spread = new TestOperand(sums.buffer(), sums.layout().expand(x.shape()));
        AdamStep adam = backend.fusion(AdamStep.class).orElseThrow();
        AdamStep.Parameters step = AdamStep.Parameters.of(1e-3, 0.9, 0.999, 1e-8, 0, false, 1);
        Map<String, Runnable> kernels = new LinkedHashMap<>();
        kernels.put("matmul", () -> backend.matMul().multiply(a, b, null, Activation.RELU, logits));
        TestOperand many = pair.random(Layout.rowMajor(Shape.of(200, 16))).vector();
        TestOperand right = pair.random(Layout.rowMajor(Shape.of(16, 40))).vector();
        TestOperand results = pair.random(Layout.rowMajor(Shape.of(200, 40))).vector();
        kernels.put(
                "matmul of many rows", () -> backend.matMul().multiply(many, right, null, Activation.NONE, results));
        kernels.put("conv", () -> backend.convolution().forward(conv, x, w, bias, null, Activation.RELU, y));
        kernels.put("conv data", () -> backend.convolution().backwardData(conv, y, w, x));
        kernels.put("conv filter", () -> backend.convolution().backwardFilter(conv, x, y, dw));
        Conv2dParameters depthwise = new Conv2dParameters(1, 1, 1, 1, 1, 1, 32);
        Conv2dParameters halving = new Conv2dParameters(2, 2, 1, 1, 1, 1, 32);
        TestOperand filters = pair.random(Layout.filter(Shape.of(32, 1, 3, 3))).vector();
        TestOperand slopes = pair.random(Layout.filter(Shape.of(32, 1, 3, 3))).vector();
        kernels.put(
                "depthwise",
                () -> backend.convolution().forward(depthwise, x, filters, bias, null, Activation.RELU, y));
        kernels.put(
                "depthwise, stride 2",
                () -> backend.convolution().forward(halving, x, filters, bias, null, Activation.RELU, half));
        kernels.put("depthwise data", () -> backend.convolution().backwardData(depthwise, y, filters, dx));
        kernels.put("depthwise data, stride 2", () -> backend.convolution().backwardData(halving, half, filters, dx));
        kernels.put("depthwise filter", () -> backend.convolution().backwardFilter(depthwise, x, y, slopes));
        kernels.put("depthwise filter, stride 2", () -> backend.convolution().backwardFilter(halving, x, half, slopes));
        kernels.put("relu", () -> backend.elementwise().unary(UnaryOp.RELU, 0, x, y));
        for (UnaryOp op : UnaryOp.values()) {
            kernels.put(op.name(), () -> backend.elementwise().unary(op, 0.5, a, wide));
        }
        kernels.put("relu backward", () -> backend.elementwise().binary(BinaryOp.RELU_BACKWARD, x, y, y));
        kernels.put("add broadcast", () -> backend.elementwise().binary(BinaryOp.ADD, x, spread, y));
        kernels.put("copy", () -> backend.elementwise().copy(x, y));
        kernels.put("sum", () -> backend.reductions().reduce(ReduceOp.SUM, x, sums));
        kernels.put("max pool", () -> backend.pooling().max(pool, x, half));
        kernels.put("max pool backward", () -> backend.pooling().maxBackward(pool, x, half, half, y));
        kernels.put("average pool", () -> backend.pooling().average(pool, x, half));
        kernels.put(
                "batch norm",
                () -> backend.normalization().batchNorm(1e-5, x, bias, bias, null, Activation.NONE, y, c1, c2));
        kernels.put(
                "batch norm backward",
                () -> backend.normalization()
                        .batchNormBackward(1e-5, x, bias, c1, c2, Activation.NONE, null, y, dx, bias, bias, null));
        for (int channels : new int[] {24, 96}) {
            Layout layout = Layout.channelsLast(Shape.of(2, channels, 8, 8));
            TestOperand in = pair.random(layout).vector();
            TestOperand out = pair.random(layout).vector();
            TestOperand slope = pair.random(layout).vector();
            TestOperand g = pair.random(Layout.rowMajor(Shape.of(channels))).vector();
            TestOperand d = pair.random(Layout.rowMajor(Shape.of(channels))).vector();
            for (Activation act : new Activation[] {Activation.NONE, Activation.RELU, Activation.RELU6}) {
                String what = "batch norm of " + channels + " channels with " + act;
                kernels.put(what, () -> backend.normalization().batchNorm(1e-5, in, g, g, null, act, out, d, d));
                kernels.put(
                        what + " and addend",
                        () -> backend.normalization().batchNorm(1e-5, in, g, g, slope, act, out, d, d));
                kernels.put(
                        what + ", backward",
                        () -> backend.normalization()
                                .batchNormBackward(1e-5, in, g, g, g, act, out, slope, slope, d, d, null));
            }
        }
        TestOperand ofRow = pair.random(Layout.rowMajor(Shape.of(128))).vector();
        kernels.put("layer norm", () -> backend.rowNormalization().rowNorm(true, 1e-5, a, ofRow, ofRow, wide));
        kernels.put(
                "layer norm backward",
                () -> backend.rowNormalization().rowNormBackward(true, 1e-5, a, ofRow, a, wide, ofRow, ofRow));
        kernels.put("adam", () -> adam.step(step, dw, w, dw, dw));
        UpdateStep update = backend.fusion(UpdateStep.class).orElseThrow();
        for (UpdateRule rule : UpdateRule.values()) {
            UpdateStep.Parameters p = new UpdateStep.Parameters(rule, 1e-3, 1e-3, 0.9, 0.999, 1, 1e-8, 0, 1);
            kernels.put(rule.name(), () -> update.step(p, dw, w, dw, dw, dw));
        }
        kernels.put(
                "dropout",
                () -> backend.fusion(DropoutMask.class).orElseThrow().apply(new RandomKey(1, 2, 3), 0.25, x, y));
        kernels.put(
                "cross-entropy",
                () -> backend.fusion(SoftmaxCrossEntropy.class).orElseThrow().forward(0.1, logits, labels, losses));
        kernels.put(
                "cross-entropy backward",
                () -> backend.fusion(SoftmaxCrossEntropy.class)
                        .orElseThrow()
                        .backward(0.1, logits, labels, losses, scores));
        kernels.putAll(lstm(pair));
        TestOperand drawn = pair.random(Layout.rowMajor(Shape.of(64, 128))).vector();
        kernels.put("power of two", () -> backend.elementwise().binary(BinaryOp.POWER, a, drawn, wide));
        kernels.put("uniform", () -> backend.randomFill().uniform(new RandomKey(1, 2, 3), drawn));
        kernels.put("normal", () -> backend.randomFill().normal(new RandomKey(1, 2, 3), drawn));
        TestOperand rows = pair.labels(64, 64).vector();
        kernels.put("gather", () -> backend.indexing().gather(0, a, rows, wide));
        kernels.put("scatter add", () -> backend.indexing().scatterAdd(0, a, rows, wide));
        TestOperand places =
                pair.empty(DType.INT32, Layout.rowMajor(Shape.of(64, 1))).vector();
        TestOperand columns =
                pair.empty(DType.INT32, Layout.rowMajor(Shape.of(1, 128))).vector();
        kernels.put("arg max of lines", () -> backend.reductions().argMax(1, a, places));
        kernels.put("arg max of columns", () -> backend.reductions().argMax(0, a, columns));
        TestOperand lines = pair.random(Layout.rowMajor(Shape.of(64, 1))).vector();
        kernels.put("sum of lines", () -> backend.reductions().reduce(ReduceOp.SUM, a, lines));
        kernels.put("max of lines", () -> backend.reductions().reduce(ReduceOp.MAX, a, lines));
        TestOperand mask =
                pair.empty(DType.BOOL, Layout.rowMajor(Shape.of(64, 128))).vector();
        for (Comparison op : Comparison.values()) {
            kernels.put(op.name(), () -> backend.elementwise().compare(op, a, drawn, mask));
        }
        for (DType type : new DType[] {DType.FLOAT16, DType.BFLOAT16}) {
            TestOperand halves =
                    pair.empty(type, Layout.rowMajor(Shape.of(64, 128))).vector();
            kernels.put("to " + type, () -> backend.elementwise().copy(a, halves));
            kernels.put("from " + type, () -> backend.elementwise().copy(halves, wide));
        }
        kernels.put("and", () -> backend.elementwise().binary(BinaryOp.MINIMUM, mask, mask, mask));
        kernels.put("where", () -> backend.elementwise().where(mask, a, drawn, wide));
        kernels.put("softmax", () -> backend.softmax().softmax(a, wide));
        kernels.put("log softmax", () -> backend.softmax().logSoftmax(a, wide));
        kernels.put("softmax of short rows", () -> backend.softmax().softmax(logits, scores));
        return kernels;
    }

    /** 26 sequences of 6 steps: with 16 registers, rows for the kernel of packed rows and for that of rows in place, and a part of a block. */
    private static Map<String, Runnable> lstm(Pair pair) {
        TestOperand steps =
                pair.random(Layout.rowMajor(Shape.of(26, 6, 4 * 33))).vector();
        TestOperand gates =
                pair.random(Layout.rowMajor(Shape.of(26, 6, 4 * 33))).vector();
        TestOperand weight = pair.random(Layout.rowMajor(Shape.of(4 * 33, 33))).vector();
        TestOperand state = pair.random(Layout.rowMajor(Shape.of(26, 33))).vector();
        TestOperand last = pair.random(Layout.rowMajor(Shape.of(26, 33))).vector();
        TestOperand hidden = pair.random(Layout.rowMajor(Shape.of(26, 6, 33))).vector();
        TestOperand cells = pair.random(Layout.rowMajor(Shape.of(26, 6, 33))).vector();
        LstmSequence layer = pair.vector.fusion(LstmSequence.class).orElseThrow();
        var inputs = new LstmSequence.Inputs(false, steps, weight, state, state, null);
        var saved = new LstmSequence.Saved(true, weight, state, null, cells, gates);
        return Map.of(
                "lstm", () -> layer.forward(inputs, hidden, last, cells, gates),
                "lstm in evaluation", () -> layer.forward(inputs, hidden, last, null, null),
                "lstm backward", () -> layer.backward(saved, hidden, null, steps, last, last));
    }

    private static long allocatedPerCall(Runnable kernel, long processorNanos) {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long self = Thread.currentThread().getId();
        long least = Long.MAX_VALUE;
        long start = ProcessorTime.nanos();
        while (least >= MOST_BYTES_A_CALL && ProcessorTime.nanos() - start < processorNanos) {
            Thread.yield();
            for (int i = 0; i < WARM_UP; i++) {
                kernel.run();
            }
            long before = threads.getThreadAllocatedBytes(self);
            for (int i = 0; i < CALLS; i++) {
                kernel.run();
            }
            least = Math.min(least, (threads.getThreadAllocatedBytes(self) - before) / CALLS);
        }
        return least;
    }
}
