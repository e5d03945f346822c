package org.alborz.ops;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.alborz.autograd.Node;
import org.alborz.backend.MetaBackend;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;

/**
 * Applies operations in one session: the only code that copies inputs into the order an operation asks for, allocates results, has them
 * computed, records and saves for gradients, and closes what it made on the way.
 */
public final class Engine {
    private static final OperationListener[] NOBODY = {};

    private final Session session;
    private final Lookahead lookahead;
    private final KeptResults kept = new KeptResults(this);
    private final LayerPaths layers = new LayerPaths();
    private Call[] calls;
    private int depth;

    /** How deep calls nest that listeners are told of: 1, but for operations that were deferred. */
    private int heardDepth = 1;

    private OperationListener[] listeners = NOBODY;

    public Engine(Session session) {
        this.session = session;
        this.calls = new Call[] {new Call(session)};
        this.lookahead = new Lookahead(this);
    }

    /** Returns what defers operations of evaluation that may be done with those that follow. */
    public Lookahead lookahead() {
        return lookahead;
    }

    /** Returns what evaluation keeps from pass to pass. */
    public KeptResults kept() {
        return kept;
    }

    Session session() {
        return session;
    }

    /** Returns what knows for which layer operations are applied. */
    public LayerPaths layers() {
        return layers;
    }

    /** Tells whether somebody asks for which layer operations are applied. */
    public boolean tracksLayers() {
        return listeners != NOBODY || session.events().recordsOperations();
    }

    /** Tells whether a listener is told of operations. */
    boolean isHeard() {
        return listeners != NOBODY;
    }

    /** Has listeners told of the next operations, however deep they nest; returns what to give to {@link #hearAt} afterwards. */
    int hear() {
        return hearAt(depth + 1);
    }

    int hearAt(int nested) {
        int before = heardDepth;
        heardDepth = nested;
        return before;
    }

    /** Computes a deferred tensor by an operation. */
    static void fulfil(Tensor deferred, Op op, Tensor... inputs) {
        Engine engine = of(op, deferred);
        Call call = engine.call(op).fulfilling(0, deferred);
        for (Tensor input : inputs) {
            call.with(input);
        }
        engine.run(call, null);
    }

    /**
     * Computes three deferred tensors by an operation of four inputs and three results.
     *
     * @param y null where nobody has it, as for the others
     * @return the first result
     */
    static Tensor fulfilAll(Tensor y, Tensor second, Tensor third, Op op, Tensor a, Tensor b, Tensor c, Tensor d) {
        Engine engine = of(op, a);
        Call call = engine.call(op).with(a).with(b).with(c).with(d);
        call.fulfilling(0, y).fulfilling(1, second).fulfilling(2, third);
        return engine.run(call, null);
    }

    /** Applies an operation without inputs. */
    public Tensor create(Op op) {
        return run(call(op), null);
    }

    /** Applies an operation of one input and one result. */
    public static Tensor apply(Op op, Tensor a) {
        Engine engine = of(op, a);
        return engine.run(engine.call(op).with(a), null);
    }

    /** Applies an operation of two inputs; optional inputs are null. */
    public static Tensor apply(Op op, Tensor a, Tensor b) {
        Engine engine = of(op, a);
        return engine.run(engine.call(op).with(a).with(b), null);
    }

    /** Applies an operation of three inputs. */
    public static Tensor apply(Op op, Tensor a, Tensor b, Tensor c) {
        Engine engine = of(op, a);
        return engine.run(engine.call(op).with(a).with(b).with(c), null);
    }

    /** Applies an operation of four inputs. */
    public static Tensor apply(Op op, Tensor a, Tensor b, Tensor c, Tensor d) {
        Engine engine = of(op, a);
        return engine.run(engine.call(op).with(a).with(b).with(c).with(d), null);
    }

    /** Applies an operation of any number of inputs, the first of which is not null. */
    public static Tensor apply(Op op, Tensor... inputs) {
        return applyAll(op, 1, inputs)[0];
    }

    /** Applies an operation of three inputs and several results. */
    public static Tensor[] applyAll(Op op, int results, Tensor a, Tensor b, Tensor c) {
        Tensor[] all = new Tensor[results];
        Engine engine = of(op, a);
        engine.run(engine.call(op).with(a).with(b).with(c), all);
        return all;
    }

    /** Applies an operation of six inputs and several results; optional inputs are null. */
    public static Tensor[] applyAll(Op op, int results, Tensor a, Tensor b, Tensor c, Tensor d, Tensor e, Tensor f) {
        Tensor[] all = new Tensor[results];
        Engine engine = of(op, a);
        engine.run(engine.call(op).with(a).with(b).with(c).with(d).with(e).with(f), all);
        return all;
    }

    /** Applies an operation of any number of inputs and results. */
    public static Tensor[] applyAll(Op op, int results, Tensor... inputs) {
        Tensor[] all = new Tensor[results];
        Engine engine = of(op, inputs.length == 0 ? null : inputs[0]);
        Call call = engine.call(op);
        for (Tensor input : inputs) {
            call.with(input);
        }
        engine.run(call, all);
        return all;
    }

    /** Applies an operation without inputs whose result overwrites a tensor; it is not recorded. */
    public static void into(Tensor target, Op op) {
        Engine engine = of(op, target);
        engine.run(engine.call(op).into(target), null);
    }

    /** Applies an operation of one input whose result overwrites a tensor; it is not recorded. */
    public static void into(Tensor target, Op op, Tensor a) {
        Engine engine = of(op, target);
        engine.run(engine.call(op).into(target).with(a), null);
    }

    /** Applies an operation of two inputs whose result overwrites a tensor; it is not recorded. */
    public static void into(Tensor target, Op op, Tensor a, Tensor b) {
        Engine engine = of(op, target);
        engine.run(engine.call(op).into(target).with(a).with(b), null);
    }

    /** Applies an operation of any number of inputs whose result overwrites a tensor; it is not recorded. */
    public static void into(Tensor target, Op op, Tensor... inputs) {
        Engine engine = of(op, target);
        Call call = engine.call(op).into(target);
        for (Tensor input : inputs) {
            call.with(input);
        }
        engine.run(call, null);
    }

    /**
     * Returns the types and layouts of an operation's results, without memory and without computing anything.
     *
     * @param inputs null for one that is left out
     * @throws IllegalArgumentException if the operation does not take them
     */
    public static List<TensorSpec> infer(Op op, TensorSpec... inputs) {
        return new Call(null).infer(op, Arrays.asList(inputs));
    }

    private static Engine of(Op op, Tensor first) {
        if (first == null) {
            throw new IllegalArgumentException(op.name() + " expects a tensor, got null");
        }
        return first.session().engine();
    }

    /** Tells a listener of every operation until what is returned is closed; {@link Session#observe} calls this. */
    public Observation observe(OperationListener listener) {
        lookahead.settleTraining();
        listeners = Arrays.copyOf(listeners, listeners.length + 1);
        listeners[listeners.length - 1] = listener;
        return () -> forget(listener);
    }

    private void forget(OperationListener listener) {
        session.requireOwner();
        lookahead.settleTraining();
        List<OperationListener> left = new ArrayList<>();
        boolean found = false;
        for (OperationListener each : listeners) {
            if (each == listener && !found) {
                found = true;
            } else {
                left.add(each);
            }
        }
        listeners = left.isEmpty() ? NOBODY : left.toArray(OperationListener[]::new);
        if (listeners == NOBODY) {
            layers.forgetParameters();
        }
    }

    /** Opens a call; they nest where an operation is composed of others. */
    private Call call(Op op) {
        session.check();
        if (depth == calls.length) {
            calls = Arrays.copyOf(calls, depth + 1);
            calls[depth] = new Call(session);
        }
        return calls[depth++].begin(op);
    }

    private Tensor run(Call call, Tensor[] results) {
        boolean done = false;
        String outer = layers.current();
        try {
            if (depth == 1 && computes() && lookahead.isOpen() && lookahead.takes(call)) {
                for (int i = 0; results != null && i < results.length; i++) {
                    results[i] = lookahead.taken(i);
                }
                done = true;
                return lookahead.taken(0);
            }
            call.computeInputs();
            Op op = call.op();
            // What an operation is composed of, and what a listener computes, is not told.
            OperationListener[] told = depth == heardDepth ? listeners : NOBODY;
            Object event = depth == heardDepth ? session.events().beginOperation() : null;
            if (event != null || told != NOBODY) {
                layers.at(layers.of(call));
            }
            long start = told == NOBODY ? 0 : begin(call, told);
            call.prepare();
            if (!computes()) {
                call.allocateResults();
            } else if (!call.isView()) {
                op.compute(session.backend(), call);
            }
            call.finish();
            if (op.gradients() > 0 && !call.isInPlace()) {
                Node.record(op, call);
            }
            if (event != null || told != NOBODY) {
                end(call, told, System.nanoTime() - start, event);
            }
            for (int i = 0; results != null && i < results.length; i++) {
                results[i] = call.result(i);
            }
            done = true;
            return call.result(0);
        } finally {
            try {
                call.end(!done);
            } finally {
                layers.at(outer);
                depth--;
            }
        }
    }

    /** Tells whether operations are computed, not only their types and layouts. */
    private boolean computes() {
        return !(session.backend() instanceof MetaBackend);
    }

    private static long begin(Call call, OperationListener[] told) {
        List<Tensor> inputs = inputs(call);
        for (OperationListener listener : told) {
            listener.applying(call.op(), inputs);
        }
        return System.nanoTime();
    }

    private void end(Call call, OperationListener[] told, long nanos, Object event) {
        List<Tensor> results = new ArrayList<>();
        for (int i = 0; i < call.resultCount(); i++) {
            results.add(call.result(i));
        }
        Applied operation = new Applied(
                call.op(),
                inputs(call),
                Collections.unmodifiableList(results),
                call.isInPlace(),
                nanos,
                layers.current(),
                layers.isBackward());
        if (event != null) {
            session.events().endOperation(event, operation.details());
        }
        for (OperationListener listener : told) {
            listener.applied(operation);
        }
    }

    private static List<Tensor> inputs(Call call) {
        List<Tensor> inputs = new ArrayList<>();
        for (int i = 0; i < call.count(); i++) {
            inputs.add(call.input(i));
        }
        return Collections.unmodifiableList(inputs);
    }
}
