package org.alborz.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.alborz.autograd.Tape;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@code model.predict}: an evaluation pass that leaves its result and nothing else. */
class PredictTest {
    private final Session session = Session.open("cpu-scalar");
    private final Model model =
            Model.create(session, new Sequential(new Flatten(), new Linear(4, 3), new Dropout(0.5)), 1);

    @AfterEach
    void close() {
        session.close();
    }

    @Test
    void theResultBelongsToTheCallersScopeAndNothingElseIsLeft() {
        try (Scope scope = session.scope("caller")) {
            Tensor x = session.ones(Shape.of(2, 2, 2));
            Tensor expected = model.forward(x, Pass.evaluation());
            int before = scope.size();
            Tensor y = model.predict(x);
            assertThat(scope.size()).isEqualTo(before + 1);
            assertThat(y.toFloats()).containsExactly(expected.toFloats());
        }
    }

    @Test
    void arraysOfEveryKindGiveTheSame() {
        int before = session.innermostScope().size();
        float[] sample = {1, 2, 3, 4};
        float[] one = model.predict(sample);
        assertThat(model.predict(new float[][] {sample, sample})).isDeepEqualTo(new float[][] {one, one});
        assertThat(model.predict(sample, Shape.of(1, 2, 2))).isDeepEqualTo(new float[][] {one});
        assertThat(session.innermostScope().size()).isEqualTo(before);
        assertThatThrownBy(() -> model.predict(new float[][] {{1, 2, 3, 4}, {1}}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("rows of one length", "4 elements at [1], got 1");
        assertThatThrownBy(() -> model.predict(new float[0][])).hasMessageContaining("at least one row");
        assertThat(session.innermostScope().size()).isEqualTo(before);
    }

    @Test
    void nothingIsRecordedForAnInputThatATapeWatches() {
        try (Tape tape = new Tape(session)) {
            Tensor x = tape.watch(session.ones(Shape.of(1, 4)));
            assertThat(model.predict(x).isRecorded()).isFalse();
        }
    }

    @Test
    void outputsOfMoreAxesComeAsRows() {
        Tensor y = session.tensor(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, Shape.of(2, 2, 2));
        assertThat(y.transpose(1, 2).toRows()).isDeepEqualTo(new float[][] {{1, 3, 2, 4}, {5, 7, 6, 8}});
        assertThat(session.zeros(Shape.of(0, 3)).toRows()).isEmpty();
        assertThatThrownBy(() -> session.scalar(1).toRows())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("at least one axis");
    }
}
