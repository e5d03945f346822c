package org.alborz.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicReference;
import org.alborz.autograd.Tape;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TensorTextTest {
    private final Session session = Session.open("cpu-scalar");

    @AfterEach
    void close() {
        session.close();
    }

    private Tensor numbers(int... sizes) {
        Shape shape = Shape.of(sizes);
        float[] values = new float[(int) shape.elements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        return session.tensor(values, shape);
    }

    @Test
    void namesShapeTypeAndValues() {
        assertThat(session.scalar(0.5).named("loss")).hasToString("Tensor 'loss' [] float32 0.5");
        assertThat(numbers(2, 3)).hasToString("""
                Tensor [2, 3] float32
                [[0.0, 1.0, 2.0],
                 [3.0, 4.0, 5.0]]""");
        assertThat(session.tensor(new int[] {7, -12}, Shape.of(2))).hasToString("Tensor [2] int32\n[  7, -12]");
        assertThat(session.zeros(Shape.of(0, 3))).hasToString("Tensor [0, 3] float32\n[]");
    }

    @Test
    void readsViewsAsTheyAre() {
        assertThat(numbers(2, 3).transpose(0, 1).toString()).endsWith("[[0.0, 3.0],\n [1.0, 4.0],\n [2.0, 5.0]]");
        assertThat(numbers(1).expand(Shape.of(2)).toString()).endsWith("[0.0, 0.0]");
    }

    @Test
    void readsOnlyTheEdgesOfALargeTensor() {
        assertThat(numbers(40, 50).toString()).isEqualTo("""
                Tensor [40, 50] float32
                [[   0.0,    1.0,    2.0, ...,   47.0,   48.0,   49.0],
                 [  50.0,   51.0,   52.0, ...,   97.0,   98.0,   99.0],
                 [ 100.0,  101.0,  102.0, ...,  147.0,  148.0,  149.0],
                 ...,
                 [1850.0, 1851.0, 1852.0, ..., 1897.0, 1898.0, 1899.0],
                 [1900.0, 1901.0, 1902.0, ..., 1947.0, 1948.0, 1949.0],
                 [1950.0, 1951.0, 1952.0, ..., 1997.0, 1998.0, 1999.0]]""");
        long before = session.memory().peak();
        assertThat(session.scalar(1).expand(Shape.of(1_000_000, 1_000_000)).toString())
                .contains("...");
        assertThat(session.memory().peak()).isLessThan(before + 1_000_000);
    }

    @Test
    void keepsShortAxesOfALargeTensorWhole() {
        String text = numbers(2, 1000).toString();
        assertThat(text).contains("[   0.0,    1.0,    2.0, ...,  997.0,  998.0,  999.0]", "1999.0]]");
        assertThat(text.lines()).hasSize(3);
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void writesEveryType(DType type) {
        String expected = type == DType.BOOL ? "true" : type.isFloating() ? "1.0" : "1";
        assertThat(session.ones(Shape.of(1), type)).hasToString("Tensor [1] " + type + "\n[" + expected + "]");
        assertThat(session.zeros(Shape.of(0, 3), type)).hasToString("Tensor [0, 3] " + type + "\n[]");
    }

    @Test
    void writesTheEndsOfLongsAndNegativeZeros() {
        Tensor x = session.tensor(new long[] {Long.MIN_VALUE, Long.MAX_VALUE}, Shape.of(2));
        assertThat(x).hasToString("Tensor [2] int64\n[-9223372036854775808,  9223372036854775807]");
        assertThat(session.tensor(new float[] {-0f, 1e-9f})).hasToString("Tensor [2] float32\n[-0.0e+00,  1.0e-09]");
    }

    @Test
    void leavesNoTraceOnTheTapeAndNoTensor() {
        try (Tape tape = new Tape(session);
                Scope scope = session.scope("step")) {
            Tensor y = tape.watch(numbers(30, 50)).square();
            int tensors = scope.size();
            assertThat(y.toString()).contains("...");
            assertThat(scope.size()).isEqualTo(tensors);
            assertThat(tape.gradients(y.sum(), y)).isNotNull();
        }
    }

    @Test
    void saysThatATensorIsClosed() {
        Tensor x = numbers(2).named("x");
        x.close();
        assertThat(x).hasToString("Tensor 'x' [2] float32 (closed)");
        Tensor y = numbers(2);
        session.close();
        assertThat(y).hasToString("Tensor [2] float32 (closed)");
    }

    @Test
    void saysThatATensorIsOfAnotherThread() throws InterruptedException {
        Tensor x = numbers(2);
        AtomicReference<String> text = new AtomicReference<>();
        Thread thread = new Thread(() -> text.set(x.toString()));
        thread.start();
        thread.join();
        assertThat(text.get()).isEqualTo("Tensor [2] float32 (of another thread)");
    }
}
