package org.alborz.ops;

import java.util.ArrayList;
import java.util.List;
import org.alborz.tensor.Deferred;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.tensor.TensorAccess;

/**
 * Defers an operation of evaluation until it is known what follows it, so that a {@link FusedChain} of neighbours is computed as one.
 *
 * <p>While it is {@linkplain #open open}, a convolution, product or normalisation outside of tapes is checked and its result declared when
 * it is applied; it is computed when something reads the result that cannot be fused with it, changes a tensor in place, or begins another
 * chain, and at the latest when the window is closed. An intermediate result is left out if all its handles were closed by then;
 * where one is still open, each operation is computed by itself. Listeners are told of what is computed, when it is computed.
 */
public final class Lookahead implements AutoCloseable {
    private final Engine engine;
    private final List<Link> links = new ArrayList<>();
    private FusedChain chain;
    private int windows;

    Lookahead(Engine engine) {
        this.engine = engine;
    }

    /** Opens a window, to be closed by the same method; they nest, and the outermost counts. */
    public Lookahead open() {
        windows++;
        return this;
    }

    boolean isOpen() {
        return windows > 0;
    }

    /** Computes what is deferred, and closes the window. */
    @Override
    public void close() {
        windows--;
        if (windows == 0) {
            settle();
        }
    }

    /** Returns the deferred result of a call, or null where it has to be computed now; what that reads is there then. */
    Tensor offer(Call call) {
        int reading = reading(call);
        boolean deferrable = !call.isInPlace() && !isRecorded(call);
        if (reading >= 0 && deferrable && chain.fits(call, reading)) {
            TensorSpec declared = call.declare();
            if (declared.equals(spec(last().result))) {
                return add(call, reading, declared);
            }
        }
        if (reading >= 0 || call.isInPlace()) {
            settle();
        }
        if (deferrable && FusedChain.beginsWith(call)) {
            settle();
            return add(call, -1, call.declare());
        }
        return null;
    }

    private Link last() {
        return links.get(links.size() - 1);
    }

    private static TensorSpec spec(Tensor tensor) {
        return new TensorSpec(tensor.dtype(), tensor.layout());
    }

    /** Returns the only input that is deferred if it is the last result, -1 if no input is, and otherwise computes them. */
    private int reading(Call call) {
        int reading = -1;
        for (int i = 0; i < call.count(); i++) {
            Tensor input = call.input(i);
            Deferred source = input == null ? null : TensorAccess.deferredBy(input);
            if (source != null) {
                if (reading >= 0
                        || source != last()
                        || !input.layout().equals(last().result.layout())) {
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
            if (call.input(i) != null && TensorAccess.node(call.input(i)) != null) {
                return true;
            }
        }
        return false;
    }

    private Tensor add(Call call, int reading, TensorSpec declared) {
        Tensor[] kept = new Tensor[call.count()];
        for (int i = 0; i < kept.length; i++) {
            kept[i] = i == reading || call.input(i) == null ? null : TensorAccess.retained(call.input(i), null);
        }
        Link link = new Link(call.op(), kept, reading);
        links.add(link);
        if (reading < 0) {
            chain = new FusedChain(call.op(), kept);
        } else {
            chain.add(call.op(), kept, reading);
        }
        link.result = TensorAccess.deferred(engine.session(), declared.dtype(), declared.layout(), link);
        return link.result;
    }

    /** Computes what is deferred; does nothing where nothing is. */
    public void settle() {
        if (chain == null) {
            return;
        }
        FusedChain whole = chain;
        List<Link> all = List.copyOf(links);
        chain = null;
        links.clear();
        all.forEach(Link::reopen);
        int heard = engine.hear();
        int open = windows;
        windows = 0;
        try (Scope scope = engine.session().scope("deferred")) {
            compute(whole, all);
        } finally {
            windows = open;
            engine.hearAt(heard);
            all.forEach(Link::release);
        }
    }

    private static void compute(FusedChain whole, List<Link> links) {
        Link last = links.get(links.size() - 1);
        long left = links.stream().filter(link -> link.handle != null).count();
        if (left == 1 && last.handle != null) {
            whole.compute(last.handle);
            return;
        }
        Tensor value = null;
        for (int i = 0; left > 0; i++) {
            Link link = links.get(i);
            value = link.compute(value);
            left -= link.handle == null ? 0 : 1;
        }
    }

    /** An operation that is deferred. */
    private final class Link implements Deferred {
        private final Op op;
        private final Tensor[] inputs;
        private final int reading;
        private Tensor result;
        private boolean isOpen = true;
        private Tensor handle;

        Link(Op op, Tensor[] inputs, int reading) {
            this.op = op;
            this.inputs = inputs;
            this.reading = reading;
        }

        @Override
        public void compute() {
            if (!links.contains(this)) {
                throw new IllegalStateException(
                        op.name() + " was deferred, and could not be computed when its result was needed; see "
                                + "the first error");
            }
            settle();
        }

        @Override
        public void abandon() {
            isOpen = false;
            if (chain != null && links.stream().noneMatch(link -> link.isOpen)) {
                chain = null;
                links.forEach(Link::release);
                links.clear();
            }
        }

        /** Gets a handle of the result where somebody has one. */
        void reopen() {
            handle = isOpen ? TensorAccess.reopened(result) : null;
        }

        /** Computes the result alone, of the one before it. */
        Tensor compute(Tensor before) {
            Tensor[] given = inputs.clone();
            if (reading >= 0) {
                given[reading] = before;
            }
            if (handle == null) {
                return Engine.apply(op, given);
            }
            Engine.fulfil(handle, op, given);
            return handle;
        }

        void release() {
            for (Tensor input : inputs) {
                if (input != null) {
                    input.close();
                }
            }
            if (handle != null) {
                handle.close();
            }
        }
    }
}
