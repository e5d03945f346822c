package org.alborz.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.stream.Stream;
import org.alborz.backend.Backend;
import org.alborz.backend.BackendOptions;
import org.alborz.ops.Call;
import org.alborz.ops.CustomOp;
import org.alborz.ops.Engine;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.tensor.TensorAccess;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each gradient has memory of its own, and only what fits an input becomes its gradient. */
class GradientMemoryTest {
    private static final Shape SHAPE = Shape.of(2, 2);

    private Session session;

    @BeforeEach
    void open() {
        session = Session.open("cpu-scalar", BackendOptions.defaults().withPoison(), DType.FLOAT64);
    }

    @AfterEach
    void close() {
        session.close();
    }

    private static Arguments of(String name, BinaryOperator<Tensor> function) {
        return Arguments.of(name, function);
    }

    /** Functions whose gradients hand on what they get, or a view of it. */
    static Stream<Arguments> functions() {
        return Stream.of(
                of("add", Tensor::add),
                of("sub", Tensor::sub),
                of("twice", (x, y) -> x.add(x).add(y).add(y)),
                of("add a number", (x, y) -> x.add(1).add(y.add(2))),
                of("multiply by 1", (x, y) -> x.mul(1).add(y.mul(1))),
                of("relu", (x, y) -> x.relu().add(y.relu())),
                of("reshape", (x, y) -> x.reshape(4).add(y.reshape(4))),
                of("transpose", (x, y) -> x.transpose(0, 1).add(y)),
                of("sums", (x, y) -> x.sum(true, 0).add(y.sum(true, 0))),
                of("sum and itself", (x, y) -> x.sum().add(y.sum())),
                of("expand", (x, y) -> x.expand(Shape.of(3, 2, 2)).add(y)),
                of("narrow", (x, y) -> x.narrow(0, 0, 1).add(y.narrow(0, 1, 1))),
                of("same type", (x, y) -> x.to(DType.FLOAT64).add(y.to(x.layout()))),
                of(
                        "other order",
                        (x, y) -> x.to(Layout.of(SHAPE, new long[] {1, 2}, 0)).add(y)),
                of("concatenate", (x, y) -> Tensor.concat(0, x, y)),
                of(
                        "where",
                        (x, y) -> Tensor.where(x.session().ones(SHAPE, DType.BOOL), x, y)
                                .add(x)
                                .add(y)),
                of("mul", (x, y) -> x.mul(y)),
                of("max", (x, y) -> x.max(true, 0).add(y)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("functions")
    void recordedGradientsShareNoMemory(String name, BinaryOperator<Tensor> function) {
        Tape tape = new Tape(session);
        Tensor x = tape.watch(session.tensor(new double[] {1, 2, 3, 4}, SHAPE));
        Tensor y = tape.watch(session.tensor(new double[] {5, 6, 7, 8}, SHAPE));
        Tensor z = function.apply(x, y);
        Tensor loss = z.sum();
        Tensor[] watched = {x, y, z, loss};
        Gradients gradients = tape.differentiableGradients(loss, watched);
        requireApart(tape, gradients, watched, x, y, z);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("functions")
    void gradientsShareNoMemory(String name, BinaryOperator<Tensor> function) {
        Tape tape = new Tape(session);
        Tensor x = tape.watch(session.tensor(new double[] {1, 2, 3, 4}, SHAPE));
        Tensor y = tape.watch(session.tensor(new double[] {5, 6, 7, 8}, SHAPE));
        Tensor z = function.apply(x, y);
        Tensor weights = session.ones(z.shape());
        Tensor[] watched = {x, y, z};
        requireApart(tape, tape.gradients(z, weights, watched), watched, x, y, z, weights);
    }

    private static void requireApart(Tape tape, Gradients gradients, Tensor[] watched, Tensor... others) {
        tape.close();
        List<Tensor> all = new ArrayList<>();
        Arrays.stream(watched).map(gradients::of).forEach(all::add);
        int count = all.size();
        all.addAll(List.of(others));
        for (int i = 0; i < count; i++) {
            List<double[]> before = all.stream().map(Tensor::toDoubles).toList();
            assertThat(TensorAccess.isExclusive(all.get(i))).isTrue();
            all.get(i).fill(77);
            for (int j = 0; j < all.size(); j++) {
                if (j != i) {
                    assertThat(all.get(j).toDoubles())
                            .as("%d after a change of %d", j, i)
                            .isEqualTo(before.get(j));
                }
            }
        }
    }

    @Test
    void copiesAreRecordedToo() {
        try (Tape tape = new Tape(session)) {
            Tensor x = tape.watch(session.tensor(new double[] {1, 2, 3, 4}, SHAPE));
            Tensor y = tape.watch(session.tensor(new double[] {5, 6, 7, 8}, SHAPE));
            Gradients first = tape.differentiableGradients(x.add(y).square().sum(), x, y);
            Tensor second = first.of(x).mul(first.of(y)).sum();
            assertThat(tape.differentiableGradients(second, x).of(x).toDoubles())
                    .containsExactly(48, 64, 80, 96);
        }
    }

    @Test
    void aGradientThatDoesNotFitIsRefusedByName() {
        for (Tensor wrong : new Tensor[] {
            session.ones(Shape.of(3)),
            session.ones(Shape.of(2, 2, 1)),
            session.ones(SHAPE).to(DType.FLOAT32)
        }) {
            for (boolean given : new boolean[] {true, false}) {
                try (Tape tape = new Tape(session)) {
                    Tensor x = tape.watch(session.ones(SHAPE));
                    Tensor y = Engine.apply(new WithGradient(wrong, given), x);
                    assertThatIllegalStateException()
                            .isThrownBy(() -> tape.gradients(y.sum(), x))
                            .withMessageContaining("input 0")
                            .withMessageContaining("[2, 2] float64")
                            .withMessageContaining(wrong.describe());
                }
            }
        }
    }

    /** An operation whose gradient is given, whatever it is. */
    private record WithGradient(Tensor gradient, boolean given) implements CustomOp {
        @Override
        public void infer(Call call) {
            call.result(call.shape(0));
        }

        @Override
        public void compute(Backend backend, Call call) {
            backend.elementwise().copy(call.in(0), call.out(0));
        }

        @Override
        public void gradient(Tensor dy, GradientSink inputs) {
            if (given) {
                inputs.give(0, gradient.mul(1));
            } else {
                inputs.add(0, gradient);
            }
        }
    }

    @Test
    void anOperationWithoutItsGradientIsNamed() {
        record Unfinished() implements CustomOp {
            @Override
            public void infer(Call call) {
                call.result(call.shape(0));
            }

            @Override
            public void compute(Backend backend, Call call) {
                backend.elementwise().copy(call.in(0), call.out(0));
            }
        }
        try (Tape tape = new Tape(session)) {
            Tensor x = tape.watch(session.ones(SHAPE));
            Tensor y = Engine.apply(new Unfinished(), x);
            assertThatIllegalStateException()
                    .isThrownBy(() -> tape.gradients(y.sum(), x))
                    .withMessageContaining("Unfinished")
                    .withMessageContaining("gradient(dy, inputs)");
        }
    }

    @Test
    void nullStandsForAParameterThatWasNotUsed() {
        Tensor place = session.ones(SHAPE);
        Tensor other = session.ones(SHAPE);
        Tape tape = new Tape(session);
        Tensor x = tape.watch(session.ones(SHAPE));
        tape.gradientsInto(x.mul(3).sum(), Arrays.asList(null, x), List.of(other, place));
        assertThat(other.toDoubles()).containsOnly(0);
        assertThat(place.toDoubles()).containsOnly(3);

        Tape next = new Tape(session);
        Tensor watched = next.watch(session.ones(SHAPE));
        Tensor loss = watched.sum();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> next.gradients(loss, new Tensor[] {watched, null}))
                .withMessageContaining("number 1")
                .withMessageContaining("Pass.used");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> next.differentiableGradients(loss, new Tensor[] {null}))
                .withMessageContaining("number 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> next.gradients(loss, watched, null))
                .withMessageContaining("null");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> next.gradientsInto(loss, List.of(watched), List.of()))
                .withMessageContaining("1 watched tensors, got 0");
        Gradients gradients = next.gradients(loss, watched);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> gradients.of(null))
                .withMessageContaining("Pass.used");
    }
}
