package org.alborz.ops;

import java.util.ArrayList;
import java.util.List;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.tensor.TensorAccess;

/**
 * Defers an operation until it is known what follows it, so that a {@link FusedChain} of neighbours is computed as one.
 *
 * <p>While a window is open, an operation that a chain can begin with is checked and its results declared when it is applied; it is computed
 * when something reads the result that cannot be fused with it, changes a tensor in place, or begins another chain, and at the latest when
 * the window is closed. An intermediate result is left out if all its handles were closed by then; where one is still open, each
 * operation is computed by itself. Listeners are told of what is computed, when it is computed.
 *
 * <p>In evaluation a convolution, product or normalisation outside of tapes is deferred. In training it is a normalisation by the batch's
 * own statistics, recorded or not, and only until the next operation that is not fused with it; running statistics move after it.
 */
public final class Lookahead {
    private final Engine engine;
    private final Window evaluation = new Window();
    private final Window training = new Window();
    private final List<Link> spare = new ArrayList<>();
    private final FusedChain chain = new FusedChain();
    private List<Link> links = new ArrayList<>();
    private List<Link> computed = new ArrayList<>();
    private Link taken;
    private boolean isComputing;

    /** Whether a tape records the operation that the chain began with. */
    private boolean isRecorded;

    // What moves running statistics once the chain is computed; null where nothing does.
    private Op after;
    private Tensor runningMean;
    private Tensor runningVariance;

    /** A time in which operations may be deferred; windows nest, and when the outermost is closed, all are computed. */
    public final class Window implements AutoCloseable {
        private int count;

        private Window() {}

        private Window open() {
            count++;
            return this;
        }

        @Override
        public void close() {
            count--;
            if (evaluation.count + training.count == 0) {
                settle();
            }
        }
    }

    Lookahead(Engine engine) {
        this.engine = engine;
    }

    /** Opens a window for a pass of training or of evaluation. */
    public Window open(boolean isTraining) {
        return isTraining ? training.open() : evaluation.open();
    }

    boolean isOpen() {
        return evaluation.count + training.count > 0 && !isComputing;
    }

    /** Tells whether a call is computed later, with results {@link #taken}. If not, what it reads is there now. */
    boolean takes(Call call) {
        if (movesStatistics(call)) {
            return true;
        }
        int reading = reading(call);
        boolean trains = !links.isEmpty() && chain.trains();
        boolean deferrable = !call.isInPlace() && (trains && isRecorded || !isRecorded(call));
        if (reading >= 0 && deferrable && chain.fits(call, reading) && !readsStatistics(call)) {
            call.declare();
            if (call.declares(last().result())) {
                add(call, reading);
                return true;
            }
        }
        if (reading >= 0 || call.isInPlace() || trains) {
            settle();
        }
        if (begins(call)) {
            settle();
            call.declare();
            boolean records = isRecorded(call);
            add(call, -1);
            isRecorded = records;
            return true;
        }
        return false;
    }

    /** Returns a result of the call that was taken last, null where it makes none. */
    Tensor taken(int result) {
        return taken == null ? null : taken.result(result);
    }

    private boolean begins(Call call) {
        if (call.isInPlace()) {
            return false;
        }
        return training.count > 0 && FusedChain.beginsTraining(call)
                || evaluation.count > 0 && FusedChain.beginsWith(call) && !isRecorded(call);
    }

    private Link last() {
        return links.get(links.size() - 1);
    }

    /** Takes what moves the running statistics by those of a chain that is not computed yet. */
    private boolean movesStatistics(Call call) {
        boolean fits = !links.isEmpty() && after == null && call.op() instanceof RunningStatistics && !call.isInPlace();
        if (!fits || !call.has(3) || !links.get(0).makes(call.input(0), call.input(1))) {
            return false;
        }
        call.declare();
        links.get(0).keepStatistics();
        after = call.op();
        // Of a layer, which keeps them open; they need no handles of their own.
        runningMean = call.input(2);
        runningVariance = call.input(3);
        taken = null;
        return true;
    }

    /** Tells whether a call reads the running statistics, which have not moved yet. */
    private boolean readsStatistics(Call call) {
        for (int i = 0; after != null && i < call.count(); i++) {
            Tensor input = call.input(i);
            if (TensorAccess.sharesMemory(input, runningMean) || TensorAccess.sharesMemory(input, runningVariance)) {
                return true;
            }
        }
        return false;
    }

    /** Returns the only input that is deferred if it is the last result, -1 if no input is, and otherwise computes them. */
    private int reading(Call call) {
        int reading = -1;
        for (int i = 0; i < call.count(); i++) {
            Tensor input = call.input(i);
            if (input != null && TensorAccess.deferredBy(input) != null) {
                if (reading >= 0
                        || links.isEmpty()
                        || input != last().result()
                        || input.isClosed()
                        || !input.layout().equals(last().result().layout())) {
                    settle();
                    return -1;
                }
                reading = i;
            }
        }
        return reading;
    }

    private static boolean isRecorded(Call call) {
        for (int i = 0; i < call.count(); i++) {
            Tensor input = call.input(i);
            if (input != null && TensorAccess.deferredBy(input) == null && TensorAccess.node(input) != null) {
                return true;
            }
        }
        return false;
    }

    private void add(Call call, int reading) {
        Link link = spare.isEmpty() ? new Link(this) : spare.remove(spare.size() - 1);
        link.take(call, reading, engine.tracksLayers() ? engine.layers().of(call) : null);
        links.add(link);
        if (reading < 0) {
            chain.begin(link);
        } else {
            chain.add(link);
        }
        taken = link;
    }

    /** Forgets everything once nobody has a result. */
    void abandon() {
        for (int i = 0; i < links.size(); i++) {
            if (links.get(i).isOpen()) {
                return;
            }
        }
        release(links);
    }

    private void release(List<Link> done) {
        for (int i = 0; i < done.size(); i++) {
            if (done.get(i).release()) {
                spare.add(done.get(i));
            }
        }
        done.clear();
    }

    /** Computes what is deferred; does nothing where nothing is. */
    public void settle() {
        if (links.isEmpty()) {
            return;
        }
        List<Link> all = links;
        links = computed;
        computed = all;
        for (int i = 0; i < all.size(); i++) {
            all.get(i).reopen();
        }
        int heard = engine.hear();
        String outer = engine.layers().current();
        isComputing = true;
        try (Scope scope = engine.session().scope("deferred")) {
            compute(all);
            if (after != null) {
                Link first = all.get(0);
                Engine.apply(after, first.handle(1), first.handle(2), runningMean, runningVariance);
            }
        } finally {
            isComputing = false;
            engine.hearAt(heard);
            engine.layers().at(outer);
            release(all);
            after = null;
            runningMean = null;
            runningVariance = null;
        }
    }

    /** Computes what training deferred. */
    public void settleTraining() {
        if (!links.isEmpty() && chain.trains()) {
            settle();
        }
    }

    private void compute(List<Link> all) {
        Link last = all.get(all.size() - 1);
        int left = 0;
        for (int i = 0; i < all.size(); i++) {
            left += all.get(i).handle(0) == null ? 0 : 1;
        }
        if (left == 1 && last.handle(0) != null) {
            engine.layers().at(all.get(0).layer());
            chain.compute(last.handle(0));
            return;
        }
        Tensor value = null;
        // The first of a chain of training is needed for its statistics.
        for (int i = 0; left > 0 || i == 0; i++) {
            Link link = all.get(i);
            engine.layers().at(link.layer());
            value = link.compute(value);
            left -= link.handle(0) == null ? 0 : 1;
        }
    }
}
