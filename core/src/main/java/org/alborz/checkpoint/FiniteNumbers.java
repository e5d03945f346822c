package org.alborz.checkpoint;

import java.util.HashMap;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import org.alborz.nn.Model;

/** What numbers a tensor of a checkpoint may hold. */
enum FiniteNumbers {
    /** Of learned parameters and optimizer states. */
    FINITE,

    /** Of a model's state, which may be infinite, such as a mask of −∞. */
    NO_NAN,

    /** Of scaled gradients, of which those that are not finite make the step that uses them be skipped. */
    ANY;

    /** Returns what a model's states may hold, by name with something in front; what is not there is {@link #FINITE}. */
    static Map<String, FiniteNumbers> ofStates(String prefix, Model model) {
        Map<String, FiniteNumbers> numbers = new HashMap<>();
        model.parameters().forEach((name, parameter) -> {
            if (!parameter.isTrainable()) {
                numbers.put(prefix + name, NO_NAN);
            }
        });
        return numbers;
    }

    private boolean allows(double number) {
        return Double.isFinite(number) || this == ANY || this == NO_NAN && !Double.isNaN(number);
    }

    /**
     * Refuses numbers that are not allowed.
     *
     * @param file how the message begins
     * @param remedy the end of the message
     */
    void require(String file, SafetensorsEntry entry, int count, IntToDoubleFunction numbers, String remedy) {
        int first = -1;
        int wrong = 0;
        for (int i = 0; i < count && this != ANY; i++) {
            if (!allows(numbers.applyAsDouble(i))) {
                first = wrong == 0 ? i : first;
                wrong++;
            }
        }
        if (wrong > 0) {
            throw new CheckpointException(file + ": tensor " + entry + " holds numbers that are not finite: " + wrong
                    + " of " + count + ", the first at index " + first + ", " + numbers.applyAsDouble(first) + "; "
                    + remedy);
        }
    }
}
