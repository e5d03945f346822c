package org.alborz.inspect;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.alborz.autograd.Gradients;
import org.alborz.autograd.Tape;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;

/** The sum of what a function makes of its inputs. */
record CheckedTensors(Function<Tensor[], Tensor> function, List<Tensor> tensors) implements CheckedFunction {
    @Override
    public List<String> names() {
        return IntStream.range(0, tensors.size())
                .mapToObj(i -> tensors.get(i).name() == null
                        ? "input " + i
                        : tensors.get(i).name())
                .toList();
    }

    private Session session() {
        return tensors.get(0).session();
    }

    private Tensor sum(Tensor[] inputs) {
        return Given.value(function.apply(inputs), "GradientCheck", "a result").sum();
    }

    @Override
    public double value(boolean training, long seed) {
        try (Scope scope = session().scope("value")) {
            return CheckedFunction.finite(sum(tensors.toArray(Tensor[]::new)));
        }
    }

    @Override
    public double[][] gradients(boolean training, long seed) {
        try (Scope scope = session().scope("gradients");
                Tape tape = new Tape(session())) {
            Tensor[] watched = tensors.stream().map(tape::watch).toArray(Tensor[]::new);
            Gradients found = tape.gradients(sum(watched), watched);
            return Arrays.stream(watched)
                    .map(tensor -> found.of(tensor).toDoubles())
                    .toArray(double[][]::new);
        }
    }

    @Override
    public Restored keepStates() {
        return () -> {};
    }
}
