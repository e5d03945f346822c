package org.alborz.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.alborz.autograd.Gradients;
import org.alborz.autograd.Tape;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.Pool2dParameters;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;

/** What becomes of the gradient of a max pooling that waits until it is read. */
final class DeferredPoolingTest {
    private static final Shape IMAGES = Shape.of(1, 1, 2, 4);
    private static final double[] VALUES = {1, 4, 2, 3, 0, 4, 9, 5};

    @Test
    void theGradientIsThatOfTheImagesAsTheyWere() {
        try (Session session = Session.open("cpu-scalar")) {
            Tensor images = session.tensor(VALUES, IMAGES);
            try (Tape tape = new Tape(session)) {
                Tensor x = tape.watch(images);
                Tensor loss = Engine.apply(new MaxPool2dOp(Pool2dParameters.of(2)), x)
                        .mul(3)
                        .sum();
                Tensor gradient = tape.gradients(loss, x).of(x);
                images.fill(7);
                assertThat(gradient.toDoubles()).containsExactly(0, 3, 0, 0, 0, 0, 3, 0);
            }
        }
    }

    @Test
    void aGradientThatIsAskedForIsComputedBesidesTheOneThatJoinsIt() {
        try (Session session = Session.open("cpu-scalar");
                Tape tape = new Tape(session)) {
            Tensor x = tape.watch(session.tensor(VALUES, IMAGES));
            Tensor w = tape.watch(session.tensor(new double[] {1}, Shape.of(1, 1, 1, 1)));
            Tensor b = tape.watch(session.tensor(new double[] {-8}, Shape.of(1)));
            Tensor y = Engine.apply(new Conv2dOp(Conv2dParameters.defaults(), Activation.RELU), x, w, b, null);
            Tensor loss =
                    Engine.apply(new MaxPool2dOp(Pool2dParameters.of(2)), y).sum();
            Gradients gradients = tape.gradients(loss, x, b, y);
            // The left window has no number above 0: its first counts as the largest, and the rectifier passes nothing
            // there.
            assertThat(gradients.of(y).toDoubles()).containsExactly(1, 0, 0, 0, 0, 0, 1, 0);
            assertThat(gradients.of(x).toDoubles()).containsExactly(0, 0, 0, 0, 0, 0, 1, 0);
            assertThat(gradients.of(b).toDoubles()).containsExactly(1);
        }
    }

    @Test
    void listenersAreToldOfItAndNothingIsKept() {
        try (Session session = Session.open("cpu-scalar")) {
            long before = session.backend().memory().used();
            List<String> seen = new ArrayList<>();
            try (Scope scope = session.scope("test");
                    Tape tape = new Tape(session);
                    Observation listening =
                            session.observe(applied -> seen.add(applied.op().name()))) {
                Tensor x = tape.watch(session.tensor(VALUES, IMAGES));
                Tensor y = x.mul(2);
                Tensor loss =
                        Engine.apply(new MaxPool2dOp(Pool2dParameters.of(2)), y).sum();
                assertThat(tape.gradients(loss, x).of(x).toDoubles()).containsExactly(0, 2, 0, 0, 0, 0, 2, 0);
            }
            assertThat(seen).contains("MaxPool2dBackward");
            assertThat(session.backend().memory().used()).isEqualTo(before);
        }
    }
}
