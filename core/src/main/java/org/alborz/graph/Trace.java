package org.alborz.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alborz.ops.Applied;
import org.alborz.ops.Op;
import org.alborz.ops.OperationListener;
import org.alborz.ops.TensorSpec;
import org.alborz.tensor.Tensor;

/** Writes down the operations of a session while it listens. */
final class Trace implements OperationListener {
    private final Map<Key, String> parameters;
    private final Map<Key, String> inputs;
    private final List<Step> steps = new ArrayList<>();
    private final List<Memory> memories = new ArrayList<>();
    private final Map<Value, Leaf> leaves = new LinkedHashMap<>();

    /** The number of each memory that was met, by the session's name for it. */
    private final Map<Long, Integer> numbers = new HashMap<>();

    /** The version of each memory after the last operation that was traced. */
    private final List<Integer> versions = new ArrayList<>();

    /** A tensor by what its views share and what they do not. */
    record Key(long memory, TensorSpec spec) {
        static Key of(Tensor tensor) {
            return new Key(tensor.memoryId(), Trace.spec(tensor));
        }
    }

    Trace(Map<Key, String> parameters, Map<Key, String> inputs) {
        this.parameters = parameters;
        this.inputs = inputs;
    }

    static TensorSpec spec(Tensor tensor) {
        return new TensorSpec(tensor.dtype(), tensor.layout());
    }

    @Override
    public void applying(Op op, List<Tensor> read) {
        for (Tensor tensor : read) {
            if (tensor != null) {
                meet(tensor);
            }
        }
    }

    @Override
    public void applied(Applied operation) {
        List<Value> read = new ArrayList<>();
        for (Tensor tensor : operation.inputs()) {
            read.add(tensor == null ? null : value(tensor));
        }
        List<Value> written = new ArrayList<>();
        Step.Effect effect = operation.inPlace() ? Step.Effect.INTO : Step.Effect.MAKES;
        for (Tensor result : operation.results()) {
            Integer number = numbers.get(result.memoryId());
            if (number == null) {
                // What else is in the memory of a target is met only now; its own part is written again by a replay.
                number = operation.inPlace() ? meet(result) : add(result, Memory.made(result.dtype()));
            } else if (!operation.inPlace()) {
                effect = versions.get(number) == result.version() ? Step.Effect.VIEWS : Step.Effect.OVERWRITES;
            }
            versions.set(number, result.version());
            written.add(new Value(number, spec(result)));
        }
        steps.add(new Step(
                operation.op(),
                Collections.unmodifiableList(read),
                Collections.unmodifiableList(written),
                effect,
                operation.layer(),
                operation.backward()));
    }

    /** Notes a tensor that is read or written; a leaf, where no operation made its memory, with the whole memory's content. */
    private int meet(Tensor tensor) {
        Integer number = numbers.get(tensor.memoryId());
        if (number == null || versions.get(number) != tensor.version()) {
            // Not met yet, or changed from the host since: from now on it is another memory.
            number = add(tensor, Memory.of(tensor));
        }
        if (!memories.get(number).isMade()) {
            Value value = new Value(number, spec(tensor));
            leaves.computeIfAbsent(value, v -> leaf(tensor, v));
        }
        return number;
    }

    private int add(Tensor tensor, Memory memory) {
        int number = memories.size();
        memories.add(memory);
        versions.add(tensor.version());
        numbers.put(tensor.memoryId(), number);
        return number;
    }

    private Leaf leaf(Tensor tensor, Value value) {
        Key key = Key.of(tensor);
        String parameter = parameters.get(key);
        if (parameter != null) {
            return new Leaf(Leaf.Kind.PARAMETER, parameter, value);
        }
        String input = inputs.get(key);
        if (input != null) {
            return new Leaf(Leaf.Kind.INPUT, input, value);
        }
        String name = tensor.name() == null ? Integer.toString(value.memory()) : tensor.name();
        return new Leaf(Leaf.Kind.CONSTANT, name, value);
    }

    private Value value(Tensor tensor) {
        return new Value(numbers.get(tensor.memoryId()), spec(tensor));
    }

    Graph graph(Tensor output) {
        Value result = output == null ? null : new Value(meet(output), spec(output));
        return new Graph(steps, List.copyOf(leaves.values()), result, memories);
    }
}
