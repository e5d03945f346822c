package org.alborz.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.alborz.backend.CapturedGraph;
import org.alborz.backend.LossScaleStep;
import org.alborz.backend.ReplayedUpdate;
import org.alborz.backend.StepNumbers;
import org.alborz.nn.LossScaler;
import org.alborz.nn.Model;
import org.alborz.nn.TrainingStep;
import org.alborz.optim.CapturableOptimizer;
import org.alborz.optim.Optimizer;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The change of the weights in captured steps: clipping, the optimizer and the average of the weights. The numbers that change from step to step, such as the learning rate, are
 * in device memory, which is written before each replay and read by the graph.
 *
 * <p>Where a loss scale may skip steps, the number of this change is known to the device alone. A replay then writes the numbers for each that it can be, and
 * the device chooses; so that they are few, the host asks once in {@value #MOST_UNREAD} steps how many were skipped.
 */
final class CapturedOptimizer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(CapturedOptimizer.class);

    /** After so many steps the host asks how many were skipped. */
    static final int MOST_UNREAD = 32;

    private final Model model;
    private final CapturableOptimizer optimizer;
    private final GradientClipping clipping;

    /** Null where a batch is a step. */
    private final GradientAccumulation accumulation;

    /** Null where the weights are not averaged. */
    private final WeightAverage average;

    /** Null where no step is skipped. */
    private final LossScaler scaler;

    /** What a replay changes without the engine: the values, the optimizer's states and the others. */
    private final List<Tensor> changed = new ArrayList<>();

    /** Those of the step that is replayed, one buffer for all graphs; null before the first capture. */
    private Tensor numbers;

    /** What they are chosen from on the device; null where there is no choice. */
    private Tensor choices;

    private CapturedOptimizer(
            Model model,
            CapturableOptimizer optimizer,
            GradientClipping clipping,
            GradientAccumulation accumulation,
            WeightAverage average) {
        this.model = model;
        this.optimizer = optimizer;
        this.clipping = clipping;
        this.accumulation = accumulation;
        this.average = average;
        this.scaler = model.lossScaler();
        changed.add(model.values());
        changed.addAll(optimizer.state().values());
        changed.addAll(optimizer.parameterState().values());
        if (accumulation != null) {
            changed.addAll(accumulation.tensors());
        }
        if (average != null) {
            changed.add(average.average());
        }
        if (scaler != null) {
            changed.addAll(scaler.tensors());
        }
    }

    /**
     * Returns null, and logs the reason, where the weights are to be changed after the graph.
     *
     * @param accumulation of the gradients of several batches, or null
     * @param average of the weights, or null
     * @param alone whether no other ranks take part
     */
    static CapturedOptimizer of(
            Model model,
            Optimizer optimizer,
            GradientClipping clipping,
            GradientAccumulation accumulation,
            WeightAverage average,
            boolean alone) {
        Optional<String> reason = refuses(model, optimizer, alone);
        if (reason.isPresent()) {
            log.info("Captured steps leave the optimizer {} outside: {}", optimizer.name(), reason.get());
            return null;
        }
        return new CapturedOptimizer(model, (CapturableOptimizer) optimizer, clipping, accumulation, average);
    }

    /** Returns why captured steps cannot hold the optimizer. */
    private static Optional<String> refuses(Model model, Optimizer optimizer, boolean alone) {
        if (!alone) {
            return Optional.of("the ranks have to agree that each has begun its exchange before weights are changed");
        }
        if (!(optimizer instanceof CapturableOptimizer capturable && capturable.isCapturable())) {
            return Optional.of(
                    "it is no CapturableOptimizer, or around one that is none, so its numbers are constants of a graph");
        }
        if (model.session().backend().fusion(ReplayedUpdate.class).isEmpty()) {
            return Optional.of("the backend has no ReplayedUpdate, which reads its numbers from memory");
        }
        if (model.lossScaler() != null) {
            if (capturable.skippingNumbers().isEmpty()) {
                return Optional.of("it has no numbers of a step that is skipped, as float16's loss scale asks for");
            }
            if (model.session().backend().fusion(LossScaleStep.class).isEmpty()) {
                return Optional.of("the backend has no LossScaleStep, by which the device skips steps");
            }
        }
        return Optional.empty();
    }

    /** Makes the memory of the numbers, before a capture. */
    void prepare(double rate, long update) {
        int count = numbersOf(rate, update).length;
        if (numbers != null && numbers.shape().size(0) == count) {
            return;
        }
        close();
        numbers = memory(count, "numbers of the optimizer's step");
        if (scaler != null) {
            choices = memory(1 + (1 + MOST_UNREAD) * count, "numbers that the device chooses from");
        }
        meetOperations();
    }

    /** Has operations that eager steps do not do done outside of a capture, which changes nothing. */
    private void meetOperations() {
        try (Scope scope = model.session().scope("first numbers")) {
            numbers.to(model.values().dtype().accumulator());
            if (scaler != null) {
                model.session().write(skippingNumbers(), numbers);
                change();
            }
        }
    }

    private Tensor memory(int count, String name) {
        return model.own(model.session().empty(DType.FLOAT64, Layout.rowMajor(Shape.of(count))))
                .named(name);
    }

    private double[] numbersOf(double rate, long update) {
        return withAverage(optimizer.stepNumbers(rate, update), average == null ? null : average.numbers(update));
    }

    private double[] skippingNumbers() {
        return withAverage(optimizer.skippingNumbers().orElseThrow(), StepNumbers.NONE);
    }

    /** Returns the optimizer's numbers, and behind them those of the average if there is one. */
    private double[] withAverage(double[] own, StepNumbers ofAverage) {
        if (average == null) {
            return own;
        }
        double[] all = Arrays.copyOf(own, own.length + StepNumbers.COUNT);
        ofAverage.put(all, own.length);
        return all;
    }

    /** Changes the weights by the gradients that a step has computed; what is captured. */
    void update(TrainingStep step) {
        if (accumulation != null) {
            accumulation.moveInto(model.gradients());
        }
        if (scaler == null) {
            step.complete(step.number());
        } else {
            step.completeOnDevice(step.number(), choices, numbers);
        }
        clipping.apply(step);
        step.use(model);
        change();
    }

    /** Changes the weights, their copy in 16 bits and their average by the numbers in memory. */
    private void change() {
        int own = numbers.shape().size(0) - (average == null ? 0 : StepNumbers.COUNT);
        optimizer.step(numbers.narrow(0, 0, own));
        model.copyComputed(); // of the next step, next to the optimizer: a device can do both at once
        if (average != null) {
            average.update(numbers.narrow(0, own, StepNumbers.COUNT));
        }
    }

    /** Replays a step that was captured with this, at a rate and as the given update, those that were skipped counted in. */
    void replay(CapturedGraph graph, long advance, double rate, long update) {
        Tensor memory = scaler == null ? numbers : choices;
        double[] values = scaler == null ? numbersOf(rate, update) : choices(rate, update);
        model.session().changeInPlace(changed, backend -> graph.replay(advance, memory, values));
        model.noteComputed();
        if (scaler != null) {
            scaler.replayed();
        }
    }

    /** Returns how many steps were skipped when the host knew it, and the numbers of a skipped step and for as many more as may have been skipped. */
    private double[] choices(double rate, long update) {
        if (scaler.unreadSteps() >= MOST_UNREAD) {
            scaler.skippedSteps();
        }
        int count = numbers.shape().size(0);
        int unread = scaler.unreadSteps();
        double[] all = new double[1 + (2 + unread) * count];
        all[0] = scaler.skippedWhenRead();
        System.arraycopy(skippingNumbers(), 0, all, 1, count);
        for (int more = unread; more >= 0; more--) { // the number of the update grows, so that NAdam multiplies on
            double[] row = numbersOf(rate, update - scaler.skippedWhenRead() - more);
            System.arraycopy(row, 0, all, 1 + (1 + more) * count, count);
        }
        return all;
    }

    @Override
    public void close() {
        if (numbers != null) {
            numbers.close();
            numbers = null;
        }
        if (choices != null) {
            choices.close();
            choices = null;
        }
    }
}
