package org.alborz.cuda.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.alborz.backend.AdamStep;
import org.alborz.backend.Buffer;
import org.alborz.backend.CapturedGraph;
import org.alborz.backend.Operand;
import org.alborz.backend.ReplayedUpdate;
import org.alborz.backend.SgdStep;
import org.alborz.backend.StepNumbers;
import org.alborz.backend.UnaryOp;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Steps of optimizers that convert gradients of 16 bits and copy the new values to 16 bits, with the bits of one after the other. */
final class DelayedStepTest extends OnSoftwareGpu {
    /** More than two pieces of a block. */
    private static final int COUNT = 10_000;

    private static final AdamStep.Parameters ADAM = AdamStep.Parameters.of(0.01, 0.9, 0.999, 1e-8, 0.1, false, 3);
    private static final SgdStep.Parameters SGD = new SgdStep.Parameters(0.1, 0.9, 0.01, true);

    private final List<String> works = new ArrayList<>();

    @AfterEach
    void modes() {
        device.reset();
    }

    enum Kind {
        ADAM,
        SGD,
        PLAIN_SGD
    }

    /** What a step reads and changes. */
    private final class Arrays {
        private final TestOperand value = random(1);
        private final TestOperand gradient = random(2);
        private final TestOperand first = random(3);
        private final TestOperand second = random(4);
        private final TestOperand narrow;
        private final TestOperand copy;
        private final TestOperand numbers;

        Arrays(DType type, StepNumbers step) {
            narrow = operand(type, COUNT, row(0, COUNT));
            copy = operand(type, COUNT, row(0, COUNT));
            copy(random(5), narrow);
            copy(random(6), copy);
            double[] values = new double[StepNumbers.COUNT];
            step.put(values, 0);
            numbers = operand(DType.FLOAT64, DoubleBuffer.wrap(values), row(0, values.length));
        }

        private TestOperand random(int seed) {
            Random random = new Random(seed);
            float[] values = new float[COUNT];
            for (int i = 0; i < COUNT; i++) {
                values[i] = random.nextFloat() + 0.001f;
            }
            return operand(DType.FLOAT32, FloatBuffer.wrap(values), row(0, COUNT));
        }

        /** Converts parts of the gradient, between which others stay as they are, aligned and not. */
        private void convert(boolean apart) {
            int at = 0;
            for (int size : new int[] {32, 5000, 3, 7, 96, 4000}) {
                copy(part(narrow, at + size % 2, size), part(gradient, at, size));
                settle(apart);
                at += size + size % 5 * 32;
            }
        }

        private void step(Kind kind, boolean apart, int from, int to) {
            ReplayedUpdate update = backend.fusion(ReplayedUpdate.class).orElseThrow();
            Operand v = part(value, from, to - from);
            Operand g = part(gradient, from, to - from);
            Operand m = part(first, from, to - from);
            if (kind == Kind.ADAM) {
                update.step(ADAM, numbers, v, g, m, part(second, from, to - from));
            } else if (kind == Kind.SGD) {
                update.step(SGD, numbers, v, g, m);
            } else {
                backend.fusion(SgdStep.class).orElseThrow().step(new SgdStep.Parameters(0.1, 0, 0, false), v, g, null);
            }
            settle(apart);
        }

        private List<Object> all() {
            List<Object> all = new ArrayList<>();
            for (TestOperand x : List.of(value, gradient, first, second)) {
                float[] values = new float[COUNT];
                backend.download(x.buffer(), 0, FloatBuffer.wrap(values));
                all.add(values);
            }
            for (TestOperand x : List.of(narrow, copy)) {
                short[] bits = new short[COUNT];
                backend.download(x.buffer(), 0, ShortBuffer.wrap(bits));
                all.add(bits);
            }
            return all;
        }
    }

    private static Layout row(long from, int count) {
        return Layout.of(Shape.of(count), new long[] {1}, from);
    }

    private static TestOperand part(TestOperand whole, int from, int count) {
        return new TestOperand(whole.buffer(), row(from, count));
    }

    private void copy(Operand from, Operand to) {
        backend.elementwise().copy(from, to);
    }

    private void settle(boolean apart) {
        if (apart) {
            backend.synchronize();
        }
    }

    private void observe() {
        backend.observe(work -> {
            if (!work.name().equals("download")) {
                works.add(work.name());
            }
        });
    }

    /** What is done with the arrays, with a wait behind each call, or without. */
    private interface Work {
        void run(Arrays arrays, boolean apart);
    }

    private void assertSame(DType type, StepNumbers numbers, Work work, String... launches) {
        List<Object> expected = new ArrayList<>();
        for (boolean apart : new boolean[] {true, false}) {
            Arrays arrays = new Arrays(type, numbers);
            backend.synchronize();
            observe();
            works.clear();
            work.run(arrays, apart);
            List<Object> all = arrays.all();
            backend.observe(null);
            if (apart) {
                expected.addAll(all);
            } else {
                assertThat(all).usingRecursiveComparison().isEqualTo(expected);
            }
        }
        assertThat(works).containsExactly(launches);
    }

    private static StepNumbers numbers() {
        return ADAM.numbers();
    }

    private static String parts(Kind kind) {
        return kind == Kind.ADAM ? "adam_parts" : "sgd_parts";
    }

    @ParameterizedTest
    @EnumSource
    void aStepConvertsItsGradientAndCopiesItsValues(Kind kind) {
        for (DType type : List.of(DType.BFLOAT16, DType.FLOAT16)) {
            for (StepNumbers numbers : List.of(numbers(), StepNumbers.NONE)) {
                Work work = (arrays, apart) -> {
                    arrays.convert(apart);
                    arrays.step(kind, apart, 0, COUNT);
                    copy(arrays.value, arrays.copy);
                };
                assertSame(type, numbers, work, parts(kind));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void oneOfTheTwo(Kind kind) {
        Work converting = (arrays, apart) -> {
            arrays.convert(apart);
            arrays.step(kind, apart, 0, COUNT);
        };
        assertSame(DType.BFLOAT16, numbers(), converting, parts(kind));
        Work copying = (arrays, apart) -> {
            arrays.step(kind, apart, 0, COUNT);
            copy(arrays.value, arrays.copy);
        };
        assertSame(DType.FLOAT16, numbers(), copying, parts(kind));
        Work neither = (arrays, apart) -> {
            arrays.step(kind, apart, 0, COUNT);
            copy(part(arrays.value, 1, 50), part(arrays.copy, 1, 50)); // not all of its values
        };
        assertSame(DType.FLOAT16, numbers(), neither, kind == Kind.ADAM ? "adam" : "sgd", "copy");
    }

    /** Each step takes the conversions of its own gradient. */
    @Test
    void spansOfOneGradient() {
        Work work = (arrays, apart) -> {
            copy(part(arrays.narrow, 8, 4000), part(arrays.gradient, 8, 4000));
            settle(apart);
            copy(part(arrays.narrow, 6000, 3000), part(arrays.gradient, 6000, 3000));
            settle(apart);
            arrays.step(Kind.ADAM, apart, 5120, COUNT);
            arrays.step(Kind.ADAM, apart, 0, 5120);
        };
        assertSame(DType.BFLOAT16, numbers(), work, "adam_parts", "adam_parts");
    }

    /** What is converted for several steps is converted before them. */
    @Test
    void aConversionThatIsLarger() {
        Work work = (arrays, apart) -> {
            copy(arrays.narrow, arrays.gradient);
            settle(apart);
            arrays.step(Kind.ADAM, apart, 0, 5120);
            arrays.step(Kind.ADAM, apart, 5120, COUNT);
        };
        assertSame(DType.BFLOAT16, numbers(), work, "convert_batch", "adam", "adam");
    }

    /** What waits with the conversions of the gradient and writes what the step changes comes before it as well. */
    @Test
    void aConversionThatTheStepReads() {
        for (Function<Arrays, TestOperand> changed :
                List.<Function<Arrays, TestOperand>>of(a -> a.value, a -> a.first, a -> a.second)) {
            Work work = (arrays, apart) -> {
                arrays.convert(apart);
                copy(part(arrays.narrow, 0, 100), part(changed.apply(arrays), 50, 100));
                settle(apart);
                arrays.step(Kind.ADAM, apart, 0, COUNT);
            };
            assertSame(DType.BFLOAT16, numbers(), work, "convert_batch", "adam");
        }
    }

    /** The memory of a gradient of 16 bits may be handed out for the copy. */
    @ParameterizedTest
    @EnumSource
    void aCopyWhereTheGradientWas(Kind kind) {
        Work work = (arrays, apart) -> {
            arrays.convert(apart);
            arrays.step(kind, apart, 0, COUNT);
            copy(arrays.value, arrays.narrow);
        };
        assertSame(DType.BFLOAT16, numbers(), work, parts(kind), "copy");
    }

    /** The memory of the step's numbers may be handed out for those of another type. */
    @Test
    void aCopyAfterTheNumbersWereFreed() {
        Work work = (arrays, apart) -> {
            arrays.convert(apart);
            arrays.step(Kind.ADAM, apart, 0, COUNT);
            Buffer freed = arrays.numbers.buffer();
            backend.free(freed);
            Buffer other = backend.allocate(DType.FLOAT32, freed.elements());
            assertThat(other).isSameAs(freed);
            copy(arrays.value, arrays.copy);
        };
        assertSame(DType.BFLOAT16, numbers(), work, "adam_parts", "copy");
    }

    /** A list of parts has an end; then the gradients are converted before. */
    @Test
    void moreParts() {
        Work work = (arrays, apart) -> {
            for (int i = 0; i < CopyBatch.MOST; i++) {
                copy(part(arrays.narrow, 64 * i, 32), part(arrays.gradient, 64 * i, 32));
                settle(apart);
            }
            arrays.step(Kind.ADAM, apart, 0, COUNT);
        };
        assertThat(2 * CopyBatch.MOST).isGreaterThan(GradientParts.MOST);
        assertSame(DType.BFLOAT16, numbers(), work, "convert_batch", "adam");
    }

    @Test
    void otherWorkComesAfterTheStep() {
        Work work = (arrays, apart) -> {
            arrays.convert(apart);
            arrays.step(Kind.ADAM, apart, 0, COUNT);
            backend.elementwise().unary(UnaryOp.NEGATE, 0, arrays.value, arrays.gradient);
            settle(apart);
            copy(arrays.value, arrays.copy);
        };
        assertSame(DType.BFLOAT16, numbers(), work, "adam_parts", "unary", "copy");
    }

    @Test
    void aCapturedGraphHoldsAll() {
        Arrays expected = new Arrays(DType.BFLOAT16, numbers());
        Arrays captured = new Arrays(DType.BFLOAT16, numbers());
        Arrays warm = new Arrays(DType.BFLOAT16, numbers());
        for (int i = 0; i < 2; i++) {
            expected.convert(true);
            expected.step(Kind.ADAM, true, 0, COUNT);
            copy(expected.value, expected.copy);
        }
        warm.convert(false);
        warm.step(Kind.ADAM, false, 0, COUNT);
        copy(warm.value, warm.copy);
        backend.synchronize();
        observe();
        try (CapturedGraph graph = backend.graphCapture().orElseThrow().capture(() -> {
            captured.convert(false);
            captured.step(Kind.ADAM, false, 0, COUNT);
            copy(captured.value, captured.copy);
        })) {
            backend.observe(null);
            assertThat(works).containsExactly("adam_parts");
            graph.replay(0);
            graph.replay(0);
            assertThat(captured.all()).usingRecursiveComparison().isEqualTo(expected.all());
        }
    }
}
