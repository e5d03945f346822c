package org.alborz.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.Map;
import org.alborz.autograd.Tape;
import org.alborz.ops.CrossEntropy;
import org.alborz.ops.Engine;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Comparisons, masks, integers and indices as users call them. */
final class MasksAndIntegersTest {
    private static final float NAN = Float.NaN;
    private static final float INF = Float.POSITIVE_INFINITY;

    private final Session session = Session.open("cpu-vector");

    @AfterEach
    void close() {
        session.close();
    }

    private Tensor vector(float... values) {
        return session.tensor(values, Shape.of(values.length));
    }

    private Tensor ints(int... values) {
        return session.tensor(values, Shape.of(values.length));
    }

    @Test
    void comparesWithNumbersAndTensors() {
        Tensor x = vector(1, 2, NAN, 3);
        assertThat(x.gt(2).toBooleans()).containsExactly(false, false, false, true);
        assertThat(x.ge(2).toBooleans()).containsExactly(false, true, false, true);
        assertThat(x.lt(2).toBooleans()).containsExactly(true, false, false, false);
        assertThat(x.le(2).toBooleans()).containsExactly(true, true, false, false);
        assertThat(x.eq(x).toBooleans()).containsExactly(true, true, false, true);
        assertThat(x.ne(2).toBooleans()).containsExactly(true, false, true, true);
        assertThat(ints(1, 5).reshape(2, 1).lt(ints(1, 2, 7)).toBooleans())
                .containsExactly(false, true, true, false, false, true);
    }

    @Test
    void findsWhatIsNotFinite() {
        Tensor x = vector(1, NAN, INF, -INF);
        assertThat(x.isNaN().toBooleans()).containsExactly(false, true, false, false);
        assertThat(x.isInfinite().toBooleans()).containsExactly(false, false, true, true);
        assertThat(x.isFinite().toBooleans()).containsExactly(true, false, false, false);
        assertThat(ints(1).isNaN().toBooleans()).containsExactly(false);
    }

    @Test
    void combinesAndCountsTruthValues() {
        Tensor a = session.tensor(new boolean[] {true, true, false, false}, Shape.of(2, 2));
        Tensor b = session.tensor(new boolean[] {true, false}, Shape.of(2));
        assertThat(a.and(b).toBooleans()).containsExactly(true, false, false, false);
        assertThat(a.or(b).toBooleans()).containsExactly(true, true, true, false);
        assertThat(a.xor(b).toBooleans()).containsExactly(false, true, true, false);
        assertThat(a.not().toBooleans()).containsExactly(false, false, true, true);
        assertThat(a.any(false, 1).toBooleans()).containsExactly(true, false);
        assertThat(a.all(false, 0).toBooleans()).containsExactly(false, false);
        assertThat(a.any().toBooleans()).containsExactly(true);
        assertThat(a.all().toBooleans()).containsExactly(false);
        assertThat(a.sum().dtype()).isEqualTo(DType.INT64);
        assertThat(a.sum().item()).isEqualTo(2);
    }

    @Test
    void fillsAndChoosesByMasks() {
        Tensor x = vector(1, NAN, 3, -4);
        assertThat(x.maskedFill(x.isNaN(), -INF).toFloats()).containsExactly(1, -INF, 3, -4);
        assertThat(ints(1, 2, 3).maskedFill(ints(1, 2, 3).gt(1), 9).toInts()).containsExactly(1, 9, 9);
        Tensor rows = session.tensor(new boolean[] {true, false}, Shape.of(2, 1));
        assertThat(Tensor.where(rows, vector(1, 2), session.scalar(0)).toFloats())
                .containsExactly(1, 2, 0, 0);
    }

    @Test
    void gradientsPassOnlyWhatIsChosen() {
        Tape tape = new Tape(session);
        Tensor a = tape.watch(vector(1, 2));
        Tensor b = tape.watch(session.tensor(new float[] {5, 6, NAN, 8}, Shape.of(2, 2)));
        Tensor mask = session.tensor(new boolean[] {true, false, true, true}, Shape.of(2, 2));
        Tensor y = Tensor.where(mask, a, b.maskedFill(mask, 7)).square().sum();
        var gradients = tape.gradients(y, a, b);
        assertThat(y.item()).isEqualTo(1 + 36 + 1 + 4);
        assertThat(gradients.of(a).toFloats()).containsExactly(4, 4);
        assertThat(gradients.of(b).toFloats()).containsExactly(0, 12, 0, 0);
    }

    @Test
    void integersAddMultiplyAndWrapAround() {
        Tensor x = ints(1, -2, Integer.MAX_VALUE);
        assertThat(x.add(1).toInts()).containsExactly(2, -1, Integer.MIN_VALUE);
        assertThat(x.mul(3).toInts()).containsExactly(3, -6, Integer.MAX_VALUE - 2);
        assertThat(x.neg().toInts()).containsExactly(-1, 2, -Integer.MAX_VALUE);
        assertThat(x.sub(ints(1, 1, 1)).toInts()).containsExactly(0, -3, Integer.MAX_VALUE - 1);
        assertThat(x.sum().toLongs()).containsExactly(Integer.MAX_VALUE - 1L);
        assertThat(x.max(false, 0).toInts()).containsExactly(Integer.MAX_VALUE);
        Tensor wide = session.tensor(new long[] {1L << 60, 3}, Shape.of(2));
        assertThat(wide.add(wide).toLongs()).containsExactly(1L << 61, 6);
        assertThat(wide.argMax(0).toInts()).containsExactly(0);
        assertThat(wide.argMin(0).toInts()).containsExactly(1);
    }

    @Test
    void refusesWhatIsNotOfferedAndSaysWhatIs() {
        Tensor x = ints(1, 2);
        Tensor bytes = session.tensor(new byte[] {1, 2}, Shape.of(2));
        Tensor truths = x.gt(1);
        Map<String, ThrowingCallable> calls = new LinkedHashMap<>();
        calls.put("div is not defined", () -> x.div(x));
        calls.put("expects a number of its type, got 0.5", () -> x.add(0.5));
        calls.put("expects a number of its type, got 1.0E10", () -> x.gt(1e10));
        calls.put("add is not defined", () -> bytes.add(bytes));
        calls.put("use and, or, xor and not", () -> truths.mul(truths));
        calls.put("lt of [2] bool does not take numbers", () -> truths.lt(1));
        calls.put("any and all tell", () -> truths.max(false, 0));
        calls.put("mean expects a floating tensor", x::mean);
        calls.put("exp expects a floating tensor", x::exp);
        calls.put("and expects a bool tensor", () -> x.and(truths));
        calls.put("where expects a bool tensor", () -> Tensor.where(x, x, x));
        calls.put("expects one data type", () -> Tensor.where(truths, x, vector(1, 2)));
        calls.put("eq expects one data type", () -> x.eq(vector(1, 2)));
        calls.put("expects a floating, int32 or int64 tensor", () -> bytes.argMax(0));
        calls.put("expects indices int32 or int64", () -> vector(1, 2).gather(0, bytes));
        calls.forEach((message, call) -> assertThatThrownBy(call)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message));
    }

    @Test
    void embeddingsHaveTheGradientOfTheirRows() {
        Tape tape = new Tape(session);
        Tensor table = tape.watch(session.ones(Shape.of(4, 3)));
        Tensor tokens = session.tensor(new long[] {0, 2, 2, 3, 2, 0}, Shape.of(2, 3));
        Tensor y = table.gather(0, tokens);
        assertThat(y.shape()).isEqualTo(Shape.of(2, 3, 3));
        assertThat(tape.gradients(y.sum(), table).of(table).toFloats())
                .containsExactly(2, 2, 2, 0, 0, 0, 3, 3, 3, 1, 1, 1);
    }

    @Test
    void crossEntropyTakesLabelsOfBothTypes() {
        float[] scores = {1, 2, 3, -1, 0, 2};
        double[][] results = new double[2][];
        double[][] gradients = new double[2][];
        for (DType type : new DType[] {DType.INT32, DType.INT64}) {
            Tape tape = new Tape(session);
            Tensor logits = tape.watch(session.tensor(scores, Shape.of(2, 3)));
            Tensor loss = Engine.apply(new CrossEntropy(0.1), logits, ints(2, 0).to(type));
            results[type == DType.INT32 ? 0 : 1] = loss.toDoubles();
            gradients[type == DType.INT32 ? 0 : 1] =
                    tape.gradients(loss.sum(), logits).of(logits).toDoubles();
        }
        assertThat(results[1]).containsExactly(results[0]);
        assertThat(gradients[1]).containsExactly(gradients[0]);
    }
}
