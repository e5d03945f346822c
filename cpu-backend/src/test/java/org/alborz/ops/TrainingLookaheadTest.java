package org.alborz.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.alborz.autograd.Tape;
import org.alborz.backend.UnaryOp;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Conv2d;
import org.alborz.nn.Layer;
import org.alborz.nn.Model;
import org.alborz.nn.Pass;
import org.alborz.nn.Sequential;
import org.alborz.random.RandomKey;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs that look at what training or evaluation has deferred see what they would see if nothing was. */
class TrainingLookaheadTest {
    private static final Shape IMAGES = Shape.of(2, 4, 3, 3);

    /** Runs a layer of one's own on the result of a batch normalisation, in training. */
    private static void within(String backend, Inside inside) {
        try (Session session = Session.open(backend)) {
            BatchNorm norm = new BatchNorm(4);
            Tensor x = session.uniform(new RandomKey(7, 1, 0), IMAGES);
            List<Tensor> made = new ArrayList<>();
            Layer own = new Own(norm, in -> in);
            try (Model model = Model.create(session, own, 1);
                    Tape tape = new Tape(session)) {
                Pass pass = Pass.training(tape, 1, 1);
                ((Own) own).function = in -> {
                    Tensor y = norm.forward(in, pass);
                    made.add(y);
                    return inside.apply(model, tape, in, y);
                };
                model.forward(x, pass);
            }
        }
    }

    private interface Inside {
        Tensor apply(Model model, Tape tape, Tensor x, Tensor y);
    }

    private static final class Own implements Layer {
        private final BatchNorm norm;
        private UnaryOperator<Tensor> function;

        Own(BatchNorm norm, UnaryOperator<Tensor> function) {
            this.norm = norm;
            this.function = function;
        }

        @Override
        public Tensor forward(Tensor x, Pass pass) {
            return function.apply(x);
        }

        @Override
        public void describe(org.alborz.nn.Structure structure) {
            structure.module("norm", norm);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu-scalar", "cpu-vector"})
    void theHostReadsWhatIsThere(String backend) {
        within(backend, (model, tape, x, y) -> {
            float[] first = y.toFloats();
            assertThat(y.toFloats()).isEqualTo(first);
            assertThat(model.parameter("norm.running_mean").value().toFloats()).doesNotContain(0f);
            return y;
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu-scalar", "cpu-vector"})
    void runningStatisticsHaveMoved(String backend) {
        within(backend, (model, tape, x, y) -> {
            assertThat(model.parameter("norm.running_mean").value().toFloats()).doesNotContain(0f);
            return y;
        });
        within(backend, (model, tape, x, y) -> {
            Tensor mean = model.parameter("norm.running_mean").value();
            Tensor sum = y.add(mean.reshape(Shape.of(1, 4, 1, 1)).expand(IMAGES));
            float[] expected = sum.toFloats();
            assertThat(y.add(mean.reshape(Shape.of(1, 4, 1, 1)).expand(IMAGES)).toFloats())
                    .isEqualTo(expected);
            return y;
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu-scalar", "cpu-vector"})
    void aDetachedResultHasNoGradient(String backend) {
        within(backend, (model, tape, x, y) -> {
            assertThat(y.isRecorded()).isTrue();
            assertThat(y.detach().relu().isRecorded()).isFalse();
            return y;
        });
        within(backend, (model, tape, x, y) -> {
            Tensor z = y.detach().relu();
            assertThat(z.isRecorded()).isFalse();
            return y;
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu-scalar", "cpu-vector"})
    void aClosedResultIsRefused(String backend) {
        within(backend, (model, tape, x, y) -> {
            Tensor alias = y.detach();
            y.close();
            assertThatIllegalStateException().isThrownBy(y::relu).withMessageContaining("used after it was closed");
            return alias;
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu-scalar", "cpu-vector"})
    void aTapeKnowsWhatWasApplied(String backend) {
        within(backend, (model, tape, x, y) -> {
            assertThat(tape.operations()).contains(BatchNormOp.class);
            return y;
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu-scalar", "cpu-vector"})
    void whatIsKeptOfChangedWeightsIsReleased(String backend) {
        try (Session session = Session.open(backend);
                Model model = Model.create(session, new Sequential(new Conv2d(4, 4, 3), new BatchNorm(4)), 1)) {
            Tensor x = session.uniform(new RandomKey(7, 1, 0), IMAGES);
            long used = 0;
            for (int change = 0; change < 20; change++) {
                model.values().update(UnaryOp.MULTIPLY, 0.99);
                for (int i = 0; i < 4; i++) {
                    try (Scope scope = session.scope("predict")) {
                        model.predict(x).toFloats();
                    }
                }
                if (change == 2) {
                    used = session.memory().used();
                }
            }
            assertThat(session.memory().used()).isEqualTo(used);
        }
    }
}
