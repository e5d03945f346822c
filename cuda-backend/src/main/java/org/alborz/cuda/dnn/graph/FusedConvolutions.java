package org.alborz.cuda.dnn.graph;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.alborz.cuda.dnn.AlgorithmFile;
import org.alborz.cuda.dnn.ConvolutionKey;
import org.alborz.cuda.dnn.Dnn;
import org.alborz.cuda.dnn.PlanCache;
import org.alborz.cuda.dnn.Stopwatch;
import org.alborz.cuda.driver.WorkKind;
import org.alborz.cuda.memory.DeviceMemoryException;
import org.alborz.cuda.memory.DevicePool;
import org.alborz.cuda.memory.TemporaryBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Convolutions and what follows them by cuDNN's graph API, with a plan for each shape; not where cuDNN has no engine for such a graph, or where
 * separate calls were timed to be faster ({@link AlgorithmFile}).
 */
public final class FusedConvolutions implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(FusedConvolutions.class);

    /** What stands for separate calls in a file of algorithms, where engines have their numbers. */
    private static final int SEPARATE_CALLS = 999;

    private final Dnn dnn;
    private final GraphLibrary library;
    private final DevicePool pool;
    private final PlanCache<FusionKey, Fusion> fusions;
    private final Refusals refusals = new Refusals();

    /** How a convolution is done: by a plan, or by separate calls where that is null. */
    private static final class Fusion implements AutoCloseable {
        private final FusionKey key;
        private GraphPlan plan;

        /** Why there is no plan. */
        private String refusal = "";

        /** Whether it is known whether separate calls are faster, and which engine is the fastest. */
        private boolean isChosen;

        Fusion(FusionKey key) {
            this.key = key;
        }

        /** Gives the plan up. */
        void refuse(String reason) {
            refusal = reason;
            close();
        }

        ChosenEngine chosen() {
            return plan == null
                    ? ChosenEngine.none(key, refusal)
                    : ChosenEngine.of(key, plan.engines().get(0));
        }

        @Override
        public void close() {
            if (plan != null) {
                plan.close();
                plan = null;
            }
        }
    }

    /**
     * What is run for comparing times, both with a result of its own.
     *
     * @param rest does the work that is left after the graph
     * @param separately does all of the work by separate calls
     */
    public record Compared(Consumer<TemporaryBuffer> rest, Consumer<TemporaryBuffer> separately) {}

    public FusedConvolutions(Dnn dnn, DevicePool pool) {
        this.dnn = dnn;
        this.library = new GraphLibrary(dnn);
        this.pool = pool;
        this.fusions = new PlanCache<>(this::make);
    }

    private Fusion make(FusionKey key) {
        Fusion fusion = new Fusion(key);
        try {
            fusion.plan = new GraphPlan(library, pool, key, refusals);
        } catch (RefusedGraphException e) {
            refuse(fusion, e);
        }
        return fusion;
    }

    private void refuse(Fusion fusion, RefusedGraphException e) {
        refusals.tell(fusion.key, e);
        String what = e.reason() == RefusedGraphException.Reason.UNSUPPORTED ? "has no engine" : "makes no plan";
        fusion.refuse("cuDNN " + what + ": " + e.getMessage());
    }

    /** Returns what is done by engines, or was to be, the one used last at the end. */
    public List<ChosenEngine> engines() {
        return fusions.plans().stream().map(Fusion::chosen).toList();
    }

    /**
     * Computes a convolution and what follows it.
     *
     * @param memory the address of each tensor of the graph, all multiples of {@link Dnn#ALIGNMENT}
     * @param compared what is run for comparing times
     * @return whether it was done; false where separate calls are to do it, and nothing was written
     */
    public boolean run(FusionKey key, Map<Place, Long> memory, Compared compared) {
        Fusion fusion = fusions.of(key);
        if (fusion.plan == null) {
            return false;
        }
        choose(fusion, key, memory, compared);
        if (fusion.plan == null) {
            return false;
        }
        try {
            fusion.plan.run(memory);
        } catch (RefusedGraphException e) {
            refuse(fusion, e);
            return false;
        }
        tell(key);
        return true;
    }

    /** Puts the engine first that was or is found to be the fastest, once; where separate calls are, the plan is given up. */
    private void choose(Fusion fusion, FusionKey key, Map<Place, Long> memory, Compared compared) {
        AlgorithmFile file = dnn.algorithms();
        if (fusion.isChosen || file == null) {
            return;
        }
        fusion.isChosen = true;
        OptionalInt known = file.number(key);
        if (known.isEmpty() && !dnn.stream().isCapturing()) {
            known = file.agreed(key, Optional.empty());
            if (known.isEmpty()) {
                known = file.agreed(key, fastest(fusion.plan, key, memory, compared));
            }
        }
        if (known.isPresent() && known.getAsInt() == SEPARATE_CALLS) {
            log.debug("Separate calls are faster than an engine of cuDNN's for {}.", key.text());
            fusion.refuse("they were timed to be faster");
            return;
        }
        known.ifPresent(number -> putFirst(fusion.plan, key, number));
        fusion.plan.closeOthers();
    }

    private static void putFirst(GraphPlan plan, FusionKey key, int number) {
        Optional<GraphEngine> engine = plan.engines().stream()
                .filter(e -> e.number() == number && plan.fits(e))
                .findFirst();
        engine.ifPresentOrElse(
                plan::putFirst,
                () -> log.warn(
                        "cuDNN does not offer engine {}, which was chosen for {}; results may differ from those of earlier runs in their last bits.",
                        number,
                        key));
    }

    private Optional<AlgorithmFile.Timing> fastest(
            GraphPlan plan, FusionKey key, Map<Place, Long> memory, Compared compared) {
        List<AlgorithmFile.Timing> timings = new ArrayList<>();
        ConvolutionKey c = key.convolution();
        try (TemporaryBuffer y = pool.borrow(c.dtype(), key.result().elements())) {
            Map<Place, Long> scratch = new EnumMap<>(memory); // sums are overwritten by the run that follows
            scratch.put(Place.Y, y.address());
            for (GraphEngine engine : plan.engines()) {
                double time = plan.time(engine, scratch, () -> compared.rest().accept(y));
                timings.add(new AlgorithmFile.Timing(engine.number(), time));
            }
            double time = Stopwatch.microseconds(dnn.stream(), () -> {
                compared.separately().accept(y);
                return true;
            });
            timings.add(new AlgorithmFile.Timing(SEPARATE_CALLS, time));
        } catch (DeviceMemoryException e) {
            log.warn(
                    "The engines of {} are not timed, since that needs a second result: cuDNN's choice is taken. {}",
                    key,
                    e.getMessage());
            return Optional.empty();
        }
        return timings.stream().min(Comparator.comparingDouble(AlgorithmFile.Timing::microseconds));
    }

    /** Tells the stream's observer: each tensor with memory is read or written once. */
    private void tell(FusionKey key) {
        if (!dnn.stream().isObserved()) {
            return;
        }
        ConvolutionKey c = key.convolution();
        long channels = key.result().size(1);
        long elements = c.x().elements() + c.w().elements() + c.y().elements();
        long sums = 0;
        if (key.following() instanceof Following.BiasActivation f) {
            elements += channels + (f.hasAddend() ? c.y().elements() : 0);
        } else if (key.following() instanceof Following.GateSums f) {
            long results = 1 + (f.hasAddend() ? 1 : 0) + (f.hasFactor() ? 1 : 0);
            elements += results * c.x().elements();
            sums = 3 * channels * Float.BYTES;
        } else {
            sums = 2 * channels * Float.BYTES;
        }
        long operations = 2 * c.y().elements() * (c.w().elements() / c.w().size(0));
        String pass = key.isGradient() ? "backward data" : "forward";
        String name = "convolution " + pass + " with " + key.following().text();
        dnn.stream().tell(WorkKind.CONVOLUTION, name, elements * c.dtype().bytes() + sums, operations);
    }

    @Override
    public void close() {
        try (library) {
            fusions.close();
        }
    }
}
