package org.alborz.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.alborz.backend.Backend;
import org.alborz.backend.UnaryOp;
import org.alborz.nn.Activations;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Conv2d;
import org.alborz.nn.Dropout;
import org.alborz.nn.Flatten;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.MaxPool2d;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.nn.TrainingStep;
import org.alborz.ops.ApplyAdam;
import org.alborz.ops.Call;
import org.alborz.ops.Conv2dOp;
import org.alborz.ops.CustomOp;
import org.alborz.ops.Engine;
import org.alborz.ops.Op;
import org.alborz.optim.Adam;
import org.alborz.random.RandomKey;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GraphTest {
    private static final Shape IMAGES = Shape.of(4, 3, 8, 8);

    private Session session;
    private Session other;
    private Model model;

    @BeforeEach
    void open() {
        session = Session.open("cpu-vector");
        other = Session.open("cpu-scalar");
        model = Model.create(session, net(), 1);
    }

    @AfterEach
    void close() {
        model.close();
        session.close();
        other.close();
    }

    private Tensor images() {
        return session.normal(new RandomKey(1, 2, 3), IMAGES);
    }

    @Test
    void anEvaluationIsListedWithItsLeavesAndTotals() {
        Tensor x = images().named("x");
        Graph graph = Graph.trace(model, x);
        assertThat(graph.leaves().stream().filter(leaf -> leaf.kind() == Leaf.Kind.PARAMETER))
                .extracting(Leaf::name)
                .containsExactlyInAnyOrder(
                        "0.weight", "1.weight", "1.bias", "1.running_mean", "1.running_var", "6.weight", "6.bias");
        assertThat(graph.leaves().stream().filter(leaf -> leaf.kind() == Leaf.Kind.INPUT))
                .extracting(Leaf::name)
                .containsExactly("x");
        assertThat(graph.multiplyAdds()).isEqualTo(4L * 5 * 8 * 8 * 3 * 3 * 3 + 4L * 80 * 7);
        assertThat(graph.output().shape()).isEqualTo(Shape.of(4, 7));
        Step convolution = graph.steps().stream()
                .filter(step -> step.op() instanceof Conv2dOp)
                .findFirst()
                .orElseThrow();
        assertThat(convolution.bytes()).isEqualTo(4L * (IMAGES.elements() + 5 * 27 + 5 + 4 * 5 * 8 * 8));
        assertThat(graph.resultBytes()).isGreaterThan(4L * 4 * 5 * 8 * 8).isLessThan(graph.bytes());
        assertThat(graph.toString())
                .contains("input x [4, 3, 8, 8] float32", "parameter 6.weight [7, 80] float32", "Conv2dOp[")
                .contains("returns %", graph.steps().size() + " operations");
    }

    @Test
    void aShapeIsEnough() {
        assertThat(Graph.trace(model, IMAGES).steps())
                .hasSameSizeAs(Graph.trace(model, images()).steps());
    }

    @Test
    void aReplayGivesTheSameBits() {
        Tensor x = images();
        Graph graph = Graph.trace(model, x);
        Tensor expected = model.predict(x);
        assertThat(graph.replay(session).toFloats()).isEqualTo(expected.toFloats());
        long before = other.memory().used();
        try (Tensor y = graph.replay(other)) {
            float[] elsewhere = y.toFloats();
            for (int i = 0; i < elsewhere.length; i++) {
                assertThat(elsewhere[i]).isCloseTo(expected.toFloats()[i], within(1e-4f));
            }
        }
        assertThat(other.memory().used()).isEqualTo(before);
    }

    @Test
    void aTrainingStepIsTracedWhole() {
        Adam adam = new Adam(1e-2);
        adam.attach(model);
        Tensor x = images().named("x");
        Tensor labels = session.tensor(new int[] {1, 2, 3, 4}, Shape.of(4)).named("labels");
        float[] values = model.values().toFloats();
        Graph graph = Graph.trace(
                model,
                () -> {
                    try (TrainingStep step = model.step(5, 1)) {
                        step.backward(Loss.crossEntropy().of(step.forward(x), labels));
                        adam.step(1e-2, 1);
                    }
                    return model.values();
                },
                x,
                labels);
        float[] trained = model.values().toFloats();
        assertThat(trained).isNotEqualTo(values);
        assertThat(graph.steps()).extracting(Step::op).anyMatch(op -> op instanceof ApplyAdam);
        // The gradients, moments and values that the step works on are found through their memory.
        assertThat(graph.replay(session).toFloats()).isEqualTo(trained);
        GraphComparison comparison = graph.compare(other, session);
        assertThat(comparison.first(1e-4)).isEmpty();
        assertThat(comparison.differences()).hasSizeGreaterThan(20);
    }

    @Test
    void theListOfOperationsIsTheSameOnEveryBackend() {
        List<Op> fused = operations(session, model);
        try (Model copy = Model.create(other, net(), 1)) {
            assertThat(operations(other, copy)).isEqualTo(fused);
        }
    }

    private static Sequential net() {
        return new Sequential(
                new Conv2d(3, 5, 3).padding(1).bias(false),
                new BatchNorm(5),
                Activations.relu(),
                new MaxPool2d(2),
                new Dropout(0.25),
                new Flatten(),
                new Linear(5 * 4 * 4, 7));
    }

    private static List<Op> operations(Session on, Model of) {
        Adam adam = new Adam(1e-2);
        adam.attach(of);
        Tensor x = on.normal(new RandomKey(1, 2, 3), IMAGES);
        Tensor labels = on.tensor(new int[] {1, 2, 3, 4}, Shape.of(4));
        Graph graph = Graph.trace(of, () -> {
            try (TrainingStep step = of.step(5, 1)) {
                step.backward(Loss.crossEntropy().of(step.forward(x), labels));
                adam.step(1e-2, 1);
            }
            return null;
        });
        return graph.steps().stream().map(Step::op).toList();
    }

    /** Adds one to each element, and somewhat more on one backend. */
    private record AddOne(String wrongOn) implements CustomOp {
        @Override
        public void infer(Call call) {
            call.result(call.shape(0));
        }

        @Override
        public void compute(Backend backend, Call call) {
            call.give(0, call.tensor(0).add(backend.name().equals(wrongOn) ? 1.01 : 1));
        }

        @Override
        public int gradients() {
            return 0;
        }
    }

    @Test
    void theFirstOperationThatDivergesIsNamed() {
        Tensor x = session.ones(Shape.of(3));
        Graph graph = Graph.trace(
                session,
                () -> Engine.apply(new AddOne("cpu-scalar"), x.mul(2)).exp().neg(),
                x);
        GraphComparison comparison = graph.compare(session, other);
        assertThat(comparison.first(1e-6)).hasValueSatisfying(first -> {
            assertThat(first.number()).isEqualTo(1);
            assertThat(first.step().op()).isEqualTo(new AddOne("cpu-scalar"));
            assertThat(first.relative()).isBetween(0.003, 0.004);
            assertThat(first)
                    .hasToString("3.33e-03 in step 1, AddOne[wrongOn=cpu-scalar]: element [0] is " + 3.01f * 1.0
                            + ", expected 3.0");
        });
        assertThat(comparison.differences())
                .filteredOn(each -> each.relative() > 1e-6)
                .hasSize(1);
    }

    @Test
    void whatTheHostWritesInBetweenIsALeafOfItsOwn() {
        Tensor x = session.zeros(Shape.of(2));
        Graph graph = Graph.trace(session, () -> {
            Tensor first = x.add(1);
            session.write(new float[] {5, 7}, x);
            return first.add(x);
        });
        assertThat(graph.replay(other).toFloats()).containsExactly(6, 8);
        assertThat(graph.leaves()).hasSize(2);
    }

    @Test
    void viewsAndChangesInPlaceAreReplayedInTheirMemory() {
        Tensor x = session.tensor(new float[] {1, 2, 3, 4, 5, 6}, Shape.of(2, 3));
        Graph graph = Graph.trace(
                session,
                () -> {
                    Tensor sum = x.add(0);
                    sum.narrow(1, 1, 1).fill(9);
                    sum.transpose(0, 1).narrow(0, 0, 1).update(UnaryOp.NEGATE, 0);
                    sum.narrow(0, 0, 1).assign(x.narrow(0, 1, 1).add(sum.narrow(0, 1, 1)));
                    return sum;
                },
                x);
        float[] expected = {0, 14, 12, -4, 9, 6};
        assertThat(graph.replay(session).toFloats()).containsExactly(expected);
        assertThat(graph.replay(other).toFloats()).containsExactly(expected);
        assertThat(graph.toString()).contains(" <- ");
    }

    @Test
    void neighboursAreMergedByRules() {
        Tensor x = images();
        Tensor w = session.normal(new RandomKey(4, 5, 6), Shape.of(3, 3, 3, 3));
        Conv2dParameters p = new Conv2dParameters(1, 1, 1, 1, 1, 1, 1);
        Conv2dOp convolution = new Conv2dOp(p, Activation.NONE);
        Graph graph = Graph.trace(
                session,
                () -> {
                    Tensor first = Engine.apply(convolution, x, w, null, null).relu();
                    return Engine.apply(convolution, first, w, null, null)
                            .add(first)
                            .relu();
                },
                x,
                w);
        assertThat(graph.steps()).hasSize(5);
        Graph merged = graph.rewrite(Rewrite.additions(), Rewrite.activations());
        Conv2dOp rectified = new Conv2dOp(p, Activation.RELU);
        assertThat(merged.steps()).extracting(Step::op).containsExactly(rectified, rectified);
        assertThat(merged.steps().get(1).input(3))
                .isEqualTo(merged.steps().get(0).results().get(0));
        float[] expected = graph.replay(session).toFloats();
        float[] actual = merged.replay(session).toFloats();
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i]).isCloseTo(expected[i], within(1e-4f));
        }
    }

    @Test
    void whatOthersReadIsNotMerged() {
        Tensor x = images();
        Tensor w = session.normal(new RandomKey(4, 5, 6), Shape.of(3, 3, 3, 3));
        Conv2dOp convolution = new Conv2dOp(Conv2dParameters.defaults(), Activation.NONE);
        Graph graph = Graph.trace(session, () -> {
            Tensor y = Engine.apply(convolution, x, w, null, null);
            return y.relu().add(y);
        });
        assertThat(graph.rewrite(Rewrite.activations(), Rewrite.additions()).steps())
                .hasSize(3);
        // A rule of one's own: twice the same function is done once.
        Graph twice = Graph.trace(session, () -> x.apply(UnaryOp.ABS).apply(UnaryOp.ABS));
        Rewrite once = (first, second) -> first.op().equals(second.op()) ? second.as(first.op(), first.inputs()) : null;
        assertThat(twice.rewrite(once).steps()).hasSize(1);
        assertThat(twice.rewrite(once).replay(session).toFloats())
                .isEqualTo(twice.replay(session).toFloats());
    }
}
