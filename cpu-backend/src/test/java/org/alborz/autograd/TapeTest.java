package org.alborz.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alborz.backend.Backend;
import org.alborz.backend.BackendOptions;
import org.alborz.ops.Call;
import org.alborz.ops.CustomOp;
import org.alborz.ops.Engine;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TapeTest {
    private Session session;
    private Tensor x;

    @BeforeEach
    void open() {
        session = Session.open("cpu-scalar", BackendOptions.defaults().withPoison(), DType.FLOAT64);
        x = session.tensor(new double[] {1, 2, 3}, Shape.of(3));
    }

    @AfterEach
    void close() {
        session.close();
    }

    @Test
    void addsUpTheWaysFromOneTensorToTheLoss() {
        Tape tape = new Tape(session);
        Tensor watched = tape.watch(x);
        Tensor loss = watched.square().add(watched.mul(10)).add(watched).sum();
        assertThat(tape.gradients(loss, watched).of(watched).toDoubles()).containsExactly(13, 15, 17);
    }

    @Test
    void weightsTheElementsOfAnOutput() {
        Tape tape = new Tape(session);
        Tensor watched = tape.watch(x);
        Tensor weights = session.tensor(new double[] {1, 0, -1}, Shape.of(3));
        Gradients gradients = tape.gradients(watched.square(), weights, new Tensor[] {watched});
        assertThat(gradients.of(watched).toDoubles()).containsExactly(2, 0, -6);
    }

    @Test
    void differentiatesGradientsAgainAndAgain() {
        try (Tape tape = new Tape(session)) {
            Tensor watched = tape.watch(x);
            Tensor first =
                    tape.differentiableGradients(watched.pow(4).sum(), watched).of(watched);
            Tensor second = tape.differentiableGradients(first.sum(), watched).of(watched);
            Tensor third = tape.differentiableGradients(second.sum(), watched).of(watched);
            assertThat(first.toDoubles()).containsExactly(4, 32, 108);
            assertThat(second.toDoubles()).containsExactly(12, 48, 108);
            assertThat(third.toDoubles()).containsExactly(24, 48, 72);
        }
    }

    @Test
    void putsZeroWhereTheLossDoesNotDepend() {
        Tape tape = new Tape(session);
        Tensor used = tape.watch(x);
        Tensor unused = tape.watch(session.ones(Shape.of(2)));
        List<Tensor> places = List.of(session.ones(Shape.of(3)), session.ones(Shape.of(2)));
        tape.gradientsInto(used.mul(2).sum(), List.of(used, unused), places);
        assertThat(places.get(0).toDoubles()).containsExactly(2, 2, 2);
        assertThat(places.get(1).toDoubles()).containsExactly(0, 0);
    }

    @Test
    void putsTheWholeGradientInEveryPlaceOfATensor() {
        Tape tape = new Tape(session);
        Tensor watched = tape.watch(x);
        List<Tensor> places = List.of(session.ones(Shape.of(3)), session.ones(Shape.of(3)));
        tape.gradientsInto(watched.mul(3).sum(), List.of(watched, watched), places);
        assertThat(places.get(0).toDoubles()).containsExactly(3, 3, 3);
        assertThat(places.get(1).toDoubles()).containsExactly(3, 3, 3);
    }

    @Test
    void refusesPlacesThatDoNotFitBeforeItWritesToAny() {
        try (Session other = Session.open("cpu-scalar", BackendOptions.defaults(), DType.FLOAT64)) {
            Tape tape = new Tape(session);
            Tensor watched = tape.watch(x);
            Tensor second = tape.watch(session.ones(Shape.of(3)));
            Tensor loss = watched.mul(second).sum();
            Tensor good = session.ones(Shape.of(3));
            Tensor closed = session.ones(Shape.of(3));
            closed.close();
            Tensor whole = session.ones(Shape.of(5));
            Map<Tensor, String> bad = new LinkedHashMap<>();
            bad.put(null, "null as number 1");
            bad.put(closed, "after it was closed");
            bad.put(other.ones(Shape.of(3)), "session");
            bad.put(session.ones(Shape.of(4)), "[4] float64");
            bad.put(session.empty(DType.FLOAT32, Layout.rowMajor(Shape.of(3))), "[3] float32");
            bad.put(session.ones(Shape.of(1)).expand(Shape.of(3)), "expanded");
            bad.put(watched, "behind the back");
            bad.put(good, "memory of number 0");
            bad.put(good.detach(), "memory of number 0");
            bad.forEach((place, message) -> assertThatThrownBy(
                            () -> tape.gradientsInto(loss, List.of(watched, second), Arrays.asList(good, place)))
                    .hasMessageContaining(message));
            assertThatThrownBy(() -> tape.gradientsInto(
                            loss, List.of(second, watched), List.of(whole.narrow(0, 1, 3), whole.narrow(0, 0, 3))))
                    .hasMessageContaining("memory of number 0");
            assertThat(good.toDoubles()).containsOnly(1);
            assertThat(whole.toDoubles()).containsOnly(1);

            Tensor columns = session.ones(Shape.of(3, 2));
            Tensor left = columns.narrow(1, 0, 1).reshape(3);
            Tensor right = columns.narrow(1, 1, 1).reshape(3);
            tape.gradientsInto(loss, List.of(watched, second), List.of(right, left));
            assertThat(columns.toDoubles()).containsExactly(1, 1, 2, 1, 3, 1);
        }
    }

    @Test
    void namesTheOperationsItRecorded() {
        try (Tape tape = new Tape(session)) {
            tape.watch(x).exp().sum();
            assertThat(tape.operations()).extracting(Class::getSimpleName).containsExactly("Unary", "Sum");
        }
    }

    @Test
    void detachedValuesAreConstants() {
        Tape tape = new Tape(session);
        Tensor watched = tape.watch(x);
        Tensor loss = watched.mul(watched.detach()).sum();
        assertThat(tape.gradients(loss, watched).of(watched).toDoubles()).containsExactly(1, 2, 3);
    }

    @Test
    void refusesALossOfSeveralElements() {
        try (Tape tape = new Tape(session)) {
            Tensor watched = tape.watch(x);
            Tensor squares = watched.square();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> tape.gradients(squares, watched))
                    .withMessageContaining("one element")
                    .withMessageContaining("[3]")
                    .withMessageContaining("mean()");
        }
    }

    @Test
    void refusesALossOfAnotherTapeOrNone() {
        try (Tape tape = new Tape(session);
                Tape other = new Tape(session)) {
            Tensor watched = tape.watch(x);
            Tensor elsewhere = other.watch(x).sum();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> tape.gradients(elsewhere, watched))
                    .withMessageContaining("watch");
            assertThatIllegalArgumentException().isThrownBy(() -> new Tape(session).gradients(x.sum(), watched));
        }
    }

    @Test
    void refusesTensorsThatItDoesNotWatch() {
        Tape tape = new Tape(session);
        Tensor loss = tape.watch(x).sum();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tape.gradients(loss, x.named("input")))
                .withMessageContaining("'input'")
                .withMessageContaining("watch()");
    }

    @Test
    void refusesAGradientByWhatTheLossDoesNotDependOn() {
        Tape tape = new Tape(session);
        Tensor used = tape.watch(x);
        Tensor unused = tape.watch(session.ones(Shape.of(2)).named("spare"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tape.gradients(used.sum(), used, unused))
                .withMessageContaining("does not depend")
                .withMessageContaining("'spare'");
    }

    @Test
    void givesNothingWhereTheLossDependsOnATensorOnlyThroughSteps() {
        Tape tape = new Tape(session);
        Tensor watched = tape.watch(x);
        Tensor gradient =
                tape.differentiableGradients(watched.relu().sum(), watched).of(watched);
        assertThat(tape.gradients(gradient.sum(), watched).of(watched).toDoubles())
                .containsOnly(0);
    }

    @Test
    void refusesToMixTapes() {
        try (Tape tape = new Tape(session);
                Tape other = new Tape(session)) {
            Tensor a = tape.watch(x);
            Tensor b = other.watch(x);
            assertThatIllegalArgumentException().isThrownBy(() -> a.add(b)).withMessageContaining("two tapes");
        }
    }

    @Test
    void refusesValuesThatWereChangedSince() {
        Tape tape = new Tape(session);
        Tensor weight = session.ones(Shape.of(3)).named("weight");
        Tensor watched = tape.watch(weight);
        Tensor loss = watched.mul(tape.watch(x)).exp().sum();
        weight.fill(5);
        assertThatIllegalStateException()
                .isThrownBy(() -> tape.gradients(loss, watched))
                .withMessageContaining("changed in place")
                .withMessageContaining("'weight'");
    }

    @Test
    void isUsedUpByGradients() {
        Tape tape = new Tape(session);
        Tensor watched = tape.watch(x);
        Tensor loss = watched.sum();
        tape.gradients(loss, watched);
        assertThatIllegalStateException()
                .isThrownBy(() -> tape.gradients(loss, watched))
                .withMessageContaining("differentiableGradients");
        assertThatIllegalStateException().isThrownBy(() -> tape.watch(x)).withMessageContaining("new tape");
    }

    @Test
    void refusesToWatchIntegers() {
        try (Tape tape = new Tape(session)) {
            Tensor labels = session.tensor(new int[] {1, 2}, Shape.of(2));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> tape.watch(labels))
                    .withMessageContaining("int32");
        }
    }

    @Test
    void ownsWhatAnOperationGivesIt() {
        long before = session.memory().used();
        try (var scope = session.scope("step")) {
            Tape tape = new Tape(session);
            Tensor watched = tape.watch(x);
            Tensor constant = session.ones(Shape.of(3));
            Tensor loss = difference(watched, constant)
                    .add(difference(watched, watched))
                    .sum();
            assertThat(tape.gradients(loss, watched).of(watched).toDoubles()).containsExactly(3, 3, 3);
        }
        assertThat(session.memory().used()).isEqualTo(before);
    }

    @Test
    void refusesATensorGivenTwice() {
        try (var scope = session.scope("step")) {
            Tape tape = new Tape(session);
            Tensor watched = tape.watch(x);
            Tensor y = Engine.apply(new Difference(true), watched, watched);
            assertThatThrownBy(() -> tape.gradients(y.sum(), watched))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("given");
            tape.close();
        }
    }

    /** Computes 2a − b, whose gradient gives tensors of its own to both inputs, needed or not, or one to both. */
    private record Difference(boolean twice) implements CustomOp {
        @Override
        public void infer(Call call) {
            call.alike(0, 1);
            call.result(call.shape(0));
        }

        @Override
        public void compute(Backend backend, Call call) {
            call.give(0, call.tensor(0).mul(2).sub(call.tensor(1)));
        }

        @Override
        public void gradient(Tensor dy, GradientSink inputs) {
            Tensor doubled = dy.mul(2);
            Tensor negative = dy.neg();
            inputs.give(0, doubled);
            inputs.give(1, twice ? doubled : negative);
            assertThat(negative.isClosed()).isEqualTo(!twice);
        }
    }

    private static Tensor difference(Tensor a, Tensor b) {
        return Engine.apply(new Difference(false), a, b);
    }

    @Test
    void givesBackItsMemoryWhetherItSucceedsFailsOrIsDropped() {
        long before = session.memory().used();
        try (var scope = session.scope("step")) {
            Tape tape = new Tape(session);
            Tensor watched = tape.watch(x);
            tape.gradients(watched.exp().sum(), watched);
            try (Tape unused = new Tape(session)) {
                unused.watch(x).exp();
            }
            Tape failing = new Tape(session);
            Tensor again = failing.watch(x);
            assertThatIllegalArgumentException().isThrownBy(() -> failing.gradients(again.exp(), again));
        }
        assertThat(session.memory().used()).isEqualTo(before);
    }
}
