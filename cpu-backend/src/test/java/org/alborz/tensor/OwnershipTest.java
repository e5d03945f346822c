package org.alborz.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.alborz.autograd.Gradients;
import org.alborz.autograd.Tape;
import org.alborz.backend.BackendOptions;
import org.alborz.backend.UnaryOp;
import org.alborz.checkpoint.Checkpoint;
import org.alborz.cpu.scalar.ScalarBackend;
import org.alborz.data.Batch;
import org.alborz.data.BatchIterator;
import org.alborz.data.DataLoader;
import org.alborz.data.GeneratedImages;
import org.alborz.nn.Flatten;
import org.alborz.nn.Initializer;
import org.alborz.nn.Layer;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.nn.Pass;
import org.alborz.nn.Sequential;
import org.alborz.nn.Structure;
import org.alborz.optim.Adam;
import org.alborz.optim.Sgd;
import org.alborz.train.Trainer;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who owns which memory, what may be written in place, and what an exception leaves behind. */
class OwnershipTest {
    private static final int INPUTS = 3 * 32 * 32;

    private Session session;

    @BeforeEach
    void open() {
        session = Session.of(new ScalarBackend(BackendOptions.defaults().withPoison()), DType.FLOAT32);
    }

    @AfterEach
    void close() {
        session.close();
    }

    private Tensor vector(double... values) {
        return session.tensor(values, Shape.of(values.length));
    }

    @Test
    void gradientsHaveMemoryOfTheirOwn() {
        Tape tape = new Tape(session);
        Tensor a = tape.watch(vector(1, 2, 3));
        Tensor b = tape.watch(vector(4, 5, 6));
        Gradients gradients = tape.gradients(a.add(b).sum(), a, b, a);

        gradients.of(a).assign(vector(7, 8, 9));

        assertThat(gradients.of(a).toDoubles()).containsExactly(7, 8, 9);
        assertThat(gradients.of(b).toDoubles()).containsExactly(1, 1, 1);
    }

    @Test
    void aTapeThatWasNeverClosedEndsWithItsScope() {
        Tensor x = vector(1, 2, 3);
        long before = session.memory().used();
        for (int i = 0; i < 10; i++) {
            try (Scope scope = session.scope("forward")) {
                Tape tape = new Tape(session);
                assertThat(tape.watch(x).square().exp().sum().isClosed()).isFalse();
            }
            assertThat(session.memory().used()).isEqualTo(before);
        }
    }

    @Test
    void weightsOfAnotherShapeAreRefused() {
        Tape tape = new Tape(session);
        Tensor x = tape.watch(vector(1, 2, 3));
        Tensor y = x.square();
        assertThatThrownBy(() -> tape.gradients(y, session.scalar(1), new Tensor[] {x}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[3]")
                .hasMessageContaining("[]");
    }

    @Test
    void aRecordedTensorIsNotChangedInPlace() {
        Tape tape = new Tape(session);
        Tensor y = tape.watch(vector(1, 2, 3)).add(1);
        assertThatThrownBy(() -> y.update(UnaryOp.MULTIPLY, 2))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("tape");
        assertThat(y.toDoubles()).containsExactly(2, 3, 4);
    }

    @Test
    void anExpandedViewIsNotWrittenTo() {
        Tensor expanded = vector(1).expand(Shape.of(3));
        assertThatThrownBy(() -> expanded.fill(2))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("expanded");
    }

    @Test
    void aValueOfAnEarlierTapeIsAConstantAndLeaksNothing() {
        Parameter factor = Parameter.of(Shape.of(3), Initializer.constant(2));
        Scope states = session.freeStandingScope("states");
        Tensor state = states.adopt(vector(1, 1, 1));
        Model model = Model.create(session, scaling(factor), 1);
        List<Long> used = new ArrayList<>();
        for (int step = 0; step < 4; step++) {
            try (Scope scope = session.scope("step");
                    Tape tape = new Tape(session)) {
                Pass pass = Pass.training(tape, 1, step);
                Tensor next = model.forward(state, pass);
                Tensor gradient = tape.gradients(next.sum(), pass.used(factor)).of(pass.used(factor));
                assertThat(gradient.toDoubles()).isEqualTo(state.toDoubles());
                state.close();
                state = states.adopt(next);
            }
            used.add(session.memory().used());
        }
        assertThat(used).containsOnly(used.get(0));
        states.close();
        model.close();
    }

    private static Layer scaling(Parameter factor) {
        return new Layer() {
            @Override
            public Tensor forward(Tensor x, Pass pass) {
                // A scope of its own, as any layer may open for what it does not return.
                try (Scope scope = x.session().scope("scaling")) {
                    return scope.keep(x.mul(pass.use(factor)));
                }
            }

            @Override
            public void describe(Structure structure) {
                structure.parameter("factor", factor);
            }
        };
    }

    @Test
    void aModelThatCannotBeMadeLeavesNothingBehind() {
        Linear shared = new Linear(4, 4);
        Linear fresh = new Linear(4, 4);
        Model first = Model.create(session, shared, 1);
        long before = session.memory().used();

        assertThatThrownBy(() -> Model.create(session, new Sequential(fresh, shared), 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("1.weight");

        assertThat(session.memory().used()).isEqualTo(before);
        Model.create(session, fresh, 1).close();
        first.close();
    }

    @Test
    void savingAndResumingLeaveNoMemoryInUse(@TempDir Path directory) {
        long before = session.memory().used();
        Path file = directory.resolve("run.safetensors");
        for (int i = 0; i < 2; i++) {
            Trainer trainer = trainer(new Linear(INPUTS, 10));
            if (i == 1) {
                Checkpoint.resume(file, trainer);
            }
            Checkpoint.save(file, trainer, Map.of());
            trainer.model().close();
        }
        assertThat(session.memory().used()).isEqualTo(before);
    }

    private Trainer trainer(Layer last) {
        Model model = Model.create(session, new Sequential(new Flatten(), last), 1);
        return Trainer.classifier(model, new Adam(1e-3), Loss.crossEntropy()).build();
    }

    @Test
    void aStepThatFailsIsNotCountedAndLeavesNothing() {
        Linear wrong = new Linear(10, 10); // does not take the 3,072 inputs
        Trainer trainer = trainer(new Sequential(new Linear(INPUTS, 20), wrong));
        DataLoader loader = DataLoader.of(GeneratedImages.train(1, 4), 4).build();
        long before = session.memory().used();
        try (BatchIterator batches = loader.epoch(0)) {
            Batch batch = batches.next();
            assertThatThrownBy(() -> trainer.step(batch))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("[N, 10]");
        }
        assertThat(trainer.step()).isZero();
        assertThat(session.memory().used()).isEqualTo(before);
        trainer.model().close();
    }

    @Test
    void brokenWeightsAreNoticed() {
        Model model = Model.create(session, new Linear(3, 2), 1);
        assertThat(model.isFinite()).isTrue();
        Sgd sgd = new Sgd(1);
        sgd.attach(model);
        model.gradients().fill(Double.POSITIVE_INFINITY);
        sgd.step(1, 1);
        assertThat(model.isFinite()).isFalse();
        model.close();
    }

    @Test
    void tooManyValuesAreRefused() {
        assertThatThrownBy(() -> session.tensor(new float[10], Shape.of(2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("2 values, got 10");
    }
}
