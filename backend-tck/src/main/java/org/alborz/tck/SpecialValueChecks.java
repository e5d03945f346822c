package org.alborz.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.alborz.autograd.Gradients;
import org.alborz.autograd.Tape;
import org.alborz.ops.DropoutOp;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.junit.jupiter.api.DynamicNode;

/**
 * Results, gradients and gradients of gradients at special values, in float32 and float64; of element-wise functions also results and
 * gradients in 16 bits, at numbers of middling magnitude, 0, infinities and NaN.
 */
final class SpecialValueChecks {
    private static final double ERROR_OF_FLOAT32 = 1e-5;
    private static final double ERROR_OF_FLOAT64 = 1e-12;

    /** Of a gradient of up to a dozen operations, each of which rounds to 8 bits. */
    private static final double ERROR_OF_16_BITS = 0.05;

    private static final List<DType> HALVES = List.of(DType.FLOAT16, DType.BFLOAT16);

    /** Elements of a short row. */
    private static final int ROW = 3;

    private final Sessions sessions;

    SpecialValueChecks(Sessions sessions) {
        this.sessions = sessions;
    }

    Stream<DynamicNode> all() {
        List<DType> halves =
                HALVES.stream().filter(dtype -> sessions.refusal(dtype) == null).toList();
        return OpCatalog.entries().stream()
                .filter(entry -> !entry.specials().isEmpty())
                .map(entry -> {
                    List<DynamicNode> tests = new ArrayList<>();
                    for (SpecialCase special : entry.specials()) {
                        for (DType dtype : Sessions.FLOATING) {
                            String name = entry + " / " + special + " / " + dtype;
                            tests.add(dynamicTest(name, () -> check(name, entry, special, dtype)));
                        }
                        for (DType dtype : isElementwise(entry, special) ? halves : List.<DType>of()) {
                            String name = entry + " / " + special + " / " + dtype;
                            SpecialCase middling = special.where(SpecialValueChecks::isMiddling);
                            tests.add(dynamicTest(name, () -> first(name, entry, middling, dtype)));
                        }
                    }
                    return dynamicContainer(entry.name(), tests);
                });
    }

    private static boolean isElementwise(OpEntry entry, SpecialCase special) {
        return special.isElementwise() && !entry.covers().contains(DropoutOp.class);
    }

    /** Tells whether types of 16 bits have a number nearby. */
    private static boolean isMiddling(double x) {
        double magnitude = Math.abs(x);
        return x == 0 || !Double.isFinite(x) || magnitude >= 0x1p-8 && magnitude <= 0x1p8;
    }

    private void check(String name, OpEntry entry, SpecialCase special, DType dtype) {
        first(name, entry, special, dtype);
        if (isElementwise(entry, special)) {
            inShortRows(name, special, dtype);
        }
        for (int i = 0; i < special.first().size(); i++) {
            recorded(name, entry, special, i, dtype);
        }
    }

    private void first(String name, OpEntry entry, SpecialCase special, DType dtype) {
        sessions.run(dtype, session -> {
            try (Tape tape = new Tape(session)) {
                Inputs in = Inputs.watch(session, tape, entry, special);
                Tensor y = special.function().apply(in.all);
                compare(name + ": result", special, special.value(), y);
                if (!special.first().isEmpty()) {
                    Gradients gradients = tape.gradients(y, tensor(session, special.dy()), in.array());
                    for (int i = 0; i < in.watched.size(); i++) {
                        compare(name + gradient(i), special, special.first().get(i), gradients.of(in.watched.get(i)));
                    }
                }
            }
        });
    }

    /** Repeats each element, in rows with gaps between them that are shorter than a vector register. */
    private void inShortRows(String name, SpecialCase special, DType dtype) {
        sessions.run(dtype, session -> {
            Tensor[] inputs = special.inputs().stream()
                    .map(input -> tensor(session, repeated(input, ROW + 1)).narrow(1, 0, ROW))
                    .toArray(Tensor[]::new);
            Tensor y = special.function().apply(inputs);
            for (int i = 0; i < ROW; i++) {
                Tensor column = y.narrow(1, i, 1).reshape(special.value().shape());
                compare(name + ": result in short rows", special, special.value(), column);
            }
        });
    }

    private static HostArray repeated(HostArray vector, int times) {
        return vector.reshape(vector.shape().insert(1, 1)).expand(vector.shape().insert(1, times));
    }

    private static String gradient(int watched) {
        return ": gradient by watched input " + watched;
    }

    /** Checks a gradient that is recorded, and its own gradients. */
    private void recorded(String name, OpEntry entry, SpecialCase special, int watched, DType dtype) {
        sessions.run(dtype, session -> {
            try (Tape tape = new Tape(session)) {
                Inputs in = Inputs.watch(session, tape, entry, special);
                Tensor y = special.function().apply(in.all);
                Tensor loss = y.mul(tensor(session, special.dy())).sum();
                Tensor gradient = tape.differentiableGradients(loss, in.array()).of(in.watched.get(watched));
                HostArray expected = special.first().get(watched);
                compare(name + ": recorded" + gradient(watched).substring(1), special, expected, gradient);
                if (!special.second().isEmpty()) {
                    Tensor weights = tensor(session, SpecialCase.weights(expected));
                    List<Tensor> second = gradients(session, tape, gradient.mul(weights), in);
                    for (int k = 0; k < second.size(); k++) {
                        String what = name + gradient(k) + " of the"
                                + gradient(watched).substring(1);
                        compare(what, special, special.second().get(watched).get(k), second.get(k));
                    }
                }
            }
        });
    }

    /** Returns the gradients of a sum, which are 0 where it is no function of the inputs. */
    private static List<Tensor> gradients(Session session, Tape tape, Tensor addends, Inputs in) {
        List<Tensor> places = new ArrayList<>();
        in.watched.forEach(tensor -> places.add(session.zeros(tensor.shape())));
        if (addends.isRecorded()) {
            tape.gradientsInto(addends.sum(), in.watched, places);
        }
        return places;
    }

    private static Tensor tensor(Session session, HostArray array) {
        return session.tensor(array.values(), array.shape());
    }

    /** The inputs of a case on a backend. */
    private record Inputs(Tensor[] all, List<Tensor> watched) {
        static Inputs watch(Session session, Tape tape, OpEntry entry, SpecialCase special) {
            Tensor[] all = new Tensor[special.inputs().size()];
            List<Tensor> watched = new ArrayList<>();
            for (int i = 0; i < all.length; i++) {
                all[i] = tensor(session, special.inputs().get(i));
                if (entry.watched().contains(i)) {
                    all[i] = tape.watch(all[i]);
                    watched.add(all[i]);
                }
            }
            return new Inputs(all, watched);
        }

        Tensor[] array() {
            return watched.toArray(Tensor[]::new);
        }
    }

    private static void compare(String what, SpecialCase special, HostArray expected, Tensor actual) {
        assertThat(actual.shape()).as("shape of %s", what).isEqualTo(expected.shape());
        boolean wide = actual.dtype() == DType.FLOAT64;
        double error = wide ? ERROR_OF_FLOAT64 : actual.dtype() == DType.FLOAT32 ? ERROR_OF_FLOAT32 : ERROR_OF_16_BITS;
        double tiny = wide ? Double.MIN_NORMAL : Float.MIN_NORMAL;
        double[] values = actual.toDoubles();
        for (int i = 0; i < values.length; i++) {
            double want = wide ? expected.values()[i] : (float) expected.values()[i];
            double allowed = error * Math.max(Math.abs(want), special.floor()) + tiny;
            boolean same = Double.isNaN(want)
                    ? Double.isNaN(values[i])
                    : values[i] == want || Double.isFinite(want) && Math.abs(values[i] - want) <= allowed;
            if (!same) {
                throw new AssertionError(what + ", element " + i + ": expected " + want + ", got " + values[i]
                        + ". Inputs: " + special.inputsAt(i) + "; gradient of the result: "
                        + special.dy().values()[Math.min(i, special.dy().values().length - 1)]
                        + "; weights of second gradients: seed " + Objective.SEED);
            }
        }
    }
}
