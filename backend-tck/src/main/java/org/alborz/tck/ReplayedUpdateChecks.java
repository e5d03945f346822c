package org.alborz.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.alborz.backend.AdamStep;
import org.alborz.backend.CapturedGraph;
import org.alborz.backend.SgdStep;
import org.alborz.backend.StepNumbers;
import org.alborz.backend.UpdateRule;
import org.alborz.backend.UpdateStep;
import org.alborz.ops.ApplyAdam;
import org.alborz.ops.ApplySgd;
import org.alborz.ops.ApplyUpdate;
import org.alborz.ops.Engine;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.DynamicNode;

/**
 * Steps of optimizers whose numbers are in memory have the bits of those whose numbers are arguments, also where a graph is replayed; and a step of
 * {@link StepNumbers#NONE} changes nothing.
 */
final class ReplayedUpdateChecks {
    private static final int LENGTH = 1031;

    /** The place of the step's numbers among others, so that a replay sets them by its second launch. */
    private static final int PLACE = 408;

    private static final StepNumbers OTHER = new StepNumbers(0.5, 0.25, 3, 0.75);

    private final Sessions sessions;

    ReplayedUpdateChecks(Sessions sessions) {
        this.sessions = sessions;
    }

    /**
     * A step of a rule.
     *
     * @param numbers those that change from step to step
     * @param apply does it with other numbers as arguments and the tensor's in place of them, or with its own for null
     */
    private record Step(String name, StepNumbers numbers, int states, BiConsumer<Tensor[], Tensor> apply) {}

    private static List<Step> steps() {
        List<Step> steps = new ArrayList<>();
        AdamStep.Parameters adam = AdamStep.Parameters.of(0.01, 0.8, 0.99, 1e-3, 0.1, true, 7);
        steps.add(new Step("Adam", adam.numbers(), 2, (x, numbers) -> {
            AdamStep.Parameters p = numbers == null ? adam : adam.with(OTHER);
            Engine.applyAll(new ApplyAdam(p), 0, x[0], x[1], x[2], x[3], numbers, null);
        }));
        SgdStep.Parameters sgd = new SgdStep.Parameters(0.1, 0.9, 0.01, true);
        steps.add(new Step("SGD", new StepNumbers(0.1, 0, 1, 1), 1, (x, numbers) -> {
            SgdStep.Parameters p = numbers == null ? sgd : sgd.with(OTHER);
            Engine.applyAll(new ApplySgd(p), 0, x[0], x[1], x[2], numbers);
        }));
        for (UpdateRule rule : UpdateRule.values()) {
            UpdateStep.Parameters own = FusionChecks.updateParameters(rule).get(1);
            steps.add(new Step(rule.name(), own.numbers(), rule.states(), (x, numbers) -> {
                UpdateStep.Parameters p = numbers == null ? own : own.with(OTHER);
                Engine.applyAll(new ApplyUpdate(p), 0, x[0], x[1], x[2], x[3], x[4], numbers);
            }));
        }
        return steps;
    }

    Stream<DynamicNode> all() {
        return Sessions.FLOATING.stream()
                .map(dtype -> dynamicTest("numbers in memory / " + dtype, () -> sessions.run(dtype, this::check)));
    }

    private void check(Session session) {
        for (Step step : steps()) {
            double[] all = new double[PLACE + 2 * StepNumbers.COUNT];
            step.numbers().put(all, PLACE);
            Tensor memory = session.empty(
                    DType.FLOAT64, session.zeros(Shape.of(all.length)).layout());
            Tensor numbers = memory.narrow(0, PLACE, StepNumbers.COUNT);
            Tensor[] expected = tensors(session, step);
            step.apply().accept(expected, null);
            Tensor[] actual = tensors(session, step);
            if (session.backend().graphCapture().isPresent()) {
                memory.fill(0.5);
                step.apply().accept(tensors(session, step), numbers); // as a capture expects
                try (CapturedGraph graph = session.backend()
                        .graphCapture()
                        .orElseThrow()
                        .capture(() -> step.apply().accept(actual, numbers))) {
                    graph.replay(0, memory, all);
                }
            } else {
                session.write(all, memory);
                step.apply().accept(actual, numbers);
            }
            requireSame(step, actual, expected);
            StepNumbers.NONE.put(all, PLACE);
            session.write(all, memory);
            step.apply().accept(actual, numbers);
            requireSame(step, actual, expected);
        }
    }

    private static void requireSame(Step step, Tensor[] actual, Tensor[] expected) {
        for (int i = 0; i < expected.length && expected[i] != null; i++) {
            assertThat(actual[i].toDoubles())
                    .as("%s, tensor %d", step.name(), i)
                    .isEqualTo(expected[i].toDoubles());
        }
    }

    /** Returns a value, its gradient, and states of squares above those of means. */
    private static Tensor[] tensors(Session session, Step step) {
        Tensor[] tensors = new Tensor[5];
        for (int i = 0; i < 2 + step.states(); i++) {
            HostArray values = HostArray.uniform(i + 1L, i < 2 ? -1 : 0.5, 1, Shape.of(LENGTH));
            Tensor made = session.tensor(values.values(), values.shape());
            tensors[i] = i < 2 ? made : made.to(session.dtype().accumulator());
        }
        return tensors;
    }
}
