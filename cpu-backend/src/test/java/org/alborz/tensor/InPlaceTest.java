package org.alborz.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alborz.autograd.Tape;
import org.alborz.backend.BinaryOp;
import org.alborz.backend.UnaryOp;
import org.alborz.nn.Initializer;
import org.alborz.nn.Layer;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.nn.Pass;
import org.alborz.nn.Structure;
import org.alborz.ops.Engine;
import org.alborz.ops.OneHot;
import org.alborz.ops.Unary;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is written in place, where operands share memory, and what may not be written or looked at as if it lay otherwise. */
class InPlaceTest {
    private Session session;

    @BeforeEach
    void open() {
        session = Session.open("cpu-scalar");
    }

    @AfterEach
    void close() {
        session.close();
    }

    private Tensor matrix() {
        return session.tensor(new float[] {0, 1, 2, 3}, Shape.of(2, 2));
    }

    @Test
    void anOperandThatSharesMemoryCountsAsItWas() {
        Tensor a = matrix();
        assertThat(a.update(BinaryOp.ADD, a.transpose(0, 1)).toDoubles()).containsExactly(0, 3, 3, 6);
        Tensor b = matrix();
        assertThat(b.assign(b.transpose(0, 1)).toDoubles()).containsExactly(0, 2, 1, 3);
        Tensor c = session.tensor(new float[] {1, 2, 3, 4, 5}, Shape.of(5));
        c.narrow(0, 1, 4).update(BinaryOp.ADD, c.narrow(0, 0, 4));
        assertThat(c.toDoubles()).containsExactly(1, 3, 5, 7, 9);
        Tensor labels = session.tensor(new int[] {1, 2, 3}, Shape.of(3));
        labels.narrow(0, 1, 2).assign(labels.narrow(0, 0, 2));
        assertThat(labels.toInts()).containsExactly(1, 1, 2);
    }

    @Test
    void theCopyIsGivenBack() {
        long before = session.memory().used();
        Tensor a = matrix();
        try (Tensor transposed = a.transpose(0, 1)) {
            a.update(BinaryOp.ADD, transposed).assign(transposed);
        }
        a.close();
        assertThat(session.memory().used()).isEqualTo(before);
    }

    @Test
    void viewsOfAnyLayoutAreNotForUsers() {
        assertThat(Arrays.stream(Tensor.class.getMethods())
                        .filter(method -> Arrays.equals(method.getParameterTypes(), new Class<?>[] {Layout.class}))
                        .map(java.lang.reflect.Method::getName))
                .containsOnly("to");
        for (Layout wrong : new Layout[] {
            Layout.rowMajor(Shape.of(2, 2)).shift(4),
            Layout.of(Shape.of(2, 2), new long[] {4, 1}, 0),
            Layout.of(Shape.of(2, 2), new long[] {0, 0}, 0)
        }) {
            assertThatThrownBy(() -> session.empty(DType.FLOAT32, wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll("dense", wrong.toString());
        }
        assertThatThrownBy(() -> matrix().view(Layout.rowMajor(Shape.of(1_000))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a layout inside its");
    }

    @Test
    void refusesNullAndTensorsOfAnotherSession() {
        Tensor x = matrix();
        Tensor none = null;
        Map<String, ThrowingCallable> calls = new LinkedHashMap<>();
        calls.put("add", () -> x.add(none));
        calls.put("matmul", () -> x.matmul(none));
        calls.put("gather", () -> x.gather(0, none));
        calls.put("where", () -> Tensor.where(none, x, x));
        calls.put("exp", () -> Engine.apply(Unary.of(UnaryOp.EXP, 0), none));
        calls.put("oneHot", () -> Engine.apply(new OneHot(2, DType.FLOAT32), none));
        calls.put("assign", () -> x.assign(none));
        calls.put("update", () -> x.update(BinaryOp.ADD, none));
        calls.put("write", () -> session.write(new float[4], none));
        calls.forEach((name, call) -> assertThatThrownBy(call)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(name, "got null"));
        try (Session other = Session.open("cpu-vector")) {
            Tensor foreign = other.ones(Shape.of(2, 2));
            for (ThrowingCallable call : List.<ThrowingCallable>of(
                    () -> x.add(foreign),
                    () -> x.assign(foreign),
                    () -> x.update(BinaryOp.ADD, foreign),
                    () -> session.write(new float[4], foreign))) {
                assertThatThrownBy(call)
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContainingAll("cpu-scalar", "cpu-vector", "session");
            }
        }
    }

    @Test
    void toALayoutKeepsTheTape() {
        Tape tape = new Tape(session);
        Tensor x = tape.watch(matrix());
        Tensor columns = x.square().to(Layout.of(Shape.of(2, 2), new long[] {1, 2}, 0));
        Tensor loss = columns.add(session.ones(Shape.of(2, 2))).sum();
        assertThat(tape.gradients(loss, x).of(x).toDoubles()).containsExactly(0, 2, 4, 6);
    }

    @Test
    void writeAsksForWhatInPlaceOperationsAskFor() {
        try (Tape tape = new Tape(session)) {
            Tensor watched = tape.watch(matrix());
            assertThatThrownBy(() -> session.write(new float[4], watched))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("tape");
        }
        Tensor labels = session.tensor(new int[4], Shape.of(4));
        assertThatThrownBy(() -> session.write(new float[4], labels)).hasMessageContainingAll("floating", "int32");
        assertThatThrownBy(() -> session.write(new int[4], matrix())).hasMessageContainingAll("int32", "float32");
        assertThatThrownBy(() -> session.write(new float[3], matrix())).hasMessageContainingAll("4 values", "got 3");
        try (Session other = Session.open("cpu-scalar")) {
            Tensor elsewhere = other.ones(Shape.of(2));
            assertThatThrownBy(() -> session.write(new float[2], elsewhere)).hasMessageContaining("session");
        }
    }

    @Test
    void arithmeticInPlaceIsForFloatingTensors() {
        Tensor labels = session.tensor(new int[] {1, 2}, Shape.of(2));
        assertThatThrownBy(() -> labels.update(UnaryOp.NEGATE, 0)).hasMessageContainingAll("floating", "int32");
        assertThatThrownBy(() -> labels.update(BinaryOp.ADD, labels)).hasMessageContainingAll("floating", "int32");
        assertThat(labels.toInts()).containsExactly(1, 2);
    }

    @Test
    void readingMoreThanThereIsIsRefused() {
        Tensor part = matrix().narrow(0, 0, 1);
        assertThatThrownBy(() -> part.read(FloatBuffer.allocate(3)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("2 elements", "3");
    }

    @Test
    void aPartBelongsToAParameterOfTheModel() {
        Parameter weight = Parameter.filter(Shape.of(2, 3, 2, 2), Initializer.constant(1));
        Parameter mean = Parameter.state(Shape.of(2), 5);
        Layer module = new Layer() {
            @Override
            public Tensor forward(Tensor x, Pass pass) {
                return x;
            }

            @Override
            public void describe(Structure structure) {
                structure.parameter("weight", weight);
                structure.parameter("mean", mean);
            }
        };
        Parameter stranger = Parameter.of(Shape.of(2), Initializer.constant(1));
        try (Model model = Model.create(session, module, 1)) {
            Tensor part = model.part(model.gradients(), weight);
            assertThat(part.layout().sameOrder(Layout.filter(weight.shape()))).isTrue();
            part.fill(3);
            assertThat(model.gradients().toDoubles()).startsWith(3, 3).endsWith(0);
            assertThatThrownBy(() -> model.part(model.values(), mean)).hasMessageContaining("learned parameter");
            assertThatThrownBy(() -> model.part(model.values(), stranger)).hasMessageContaining("learned parameter");
        }
    }
}
