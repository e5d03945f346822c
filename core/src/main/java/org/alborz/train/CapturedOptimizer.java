package org.alborz.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.alborz.backend.CapturedGraph;
import org.alborz.backend.ReplayedUpdate;
import org.alborz.nn.Model;
import org.alborz.nn.TrainingStep;
import org.alborz.optim.CapturableOptimizer;
import org.alborz.optim.Optimizer;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The change of the weights in captured steps: clipping and the optimizer, whose numbers are in memory that each replay writes before. */
final class CapturedOptimizer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(CapturedOptimizer.class);

    private final Model model;
    private final CapturableOptimizer optimizer;
    private final GradientClipping clipping;

    /** What a replay changes without the engine: the values and the optimizer's states. */
    private final List<Tensor> changed = new ArrayList<>();

    /** Those of the step that is replayed, one buffer for all graphs; null before the first capture. */
    private Tensor numbers;

    private CapturedOptimizer(Model model, CapturableOptimizer optimizer, GradientClipping clipping) {
        this.model = model;
        this.optimizer = optimizer;
        this.clipping = clipping;
        changed.add(model.values());
        changed.addAll(optimizer.state().values());
    }

    /**
     * Returns null, and logs the reason, where the weights are to be changed after the graph.
     *
     * @param alone whether no other ranks take part
     */
    static CapturedOptimizer of(Model model, Optimizer optimizer, TrainerSettings settings, boolean alone) {
        Optional<String> reason = refuses(model, optimizer, settings, alone);
        if (reason.isPresent()) {
            log.info("Captured steps leave the optimizer {} outside: {}", optimizer.name(), reason.get());
            return null;
        }
        return new CapturedOptimizer(model, (CapturableOptimizer) optimizer, settings.clipping());
    }

    /** Returns why captured steps cannot hold the optimizer. */
    private static Optional<String> refuses(Model model, Optimizer optimizer, TrainerSettings settings, boolean alone) {
        if (!alone) {
            return Optional.of("the ranks have to agree that each has begun its exchange before weights are changed");
        }
        if (settings.accumulation() > 1) {
            return Optional.of("gradients of several batches are accumulated for a step");
        }
        if (model.lossScaler() != null) {
            return Optional.of("the host decides for each step whether the loss scale of float16 skips it");
        }
        if (!(optimizer instanceof CapturableOptimizer capturable)) {
            return Optional.of("it is no CapturableOptimizer, so its numbers are constants of a graph");
        }
        if (model.session().backend().fusion(ReplayedUpdate.class).isEmpty()) {
            return Optional.of("the backend has no ReplayedUpdate, which reads its numbers from memory");
        }
        return capturable.refusesCapture();
    }

    /** Makes the memory of the numbers, before a capture. */
    void prepare(double rate, long update) {
        int count = optimizer.stepNumbers(rate, update).length;
        if (numbers == null || numbers.shape().size(0) != count) {
            close();
            numbers = model.own(model.session().empty(DType.FLOAT64, Layout.rowMajor(Shape.of(count))))
                    .named("numbers of the optimizer's step");
        }
    }

    /** Changes the weights by the gradients that a step has computed; what is captured. */
    void update(TrainingStep step) {
        step.complete(step.number());
        clipping.apply(step);
        step.use(model);
        optimizer.step(numbers);
    }

    /** Replays a step that was captured with this, at a rate and as the given update. */
    void replay(CapturedGraph graph, long advance, double rate, long update) {
        double[] values = optimizer.stepNumbers(rate, update);
        model.session().changeInPlace(changed, backend -> graph.replay(advance, numbers, values));
    }

    @Override
    public void close() {
        if (numbers != null) {
            numbers.close();
            numbers = null;
        }
    }
}
