package org.alborz.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.alborz.autograd.Tape;
import org.alborz.backend.AdamStep;
import org.alborz.backend.BackendOptions;
import org.alborz.backend.LossScaleStep;
import org.alborz.backend.SgdStep;
import org.alborz.backend.UpdateRule;
import org.alborz.backend.UpdateStep;
import org.alborz.random.RandomKey;
import org.alborz.random.RandomStream;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.tensor.TensorAccess;
import org.alborz.type.Activation;
import org.alborz.type.AttentionParameters;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Padding2d;
import org.alborz.type.Pool2dParameters;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Applies every operation with settings and inputs drawn from small sets, most of which do not fit together: it must give a
 * result with gradients, or refuse with a message, and never come to the backend with what does not fit.
 */
class MisfitTest {
    private static final int CALLS = 250;
    private static final int MANY_CALLS = 20_000;

    /** An operation is applied more often until some arguments fit, but not more often than this. */
    private static final int MOST_CALLS = 1_000_000;

    private static final int MOST = Integer.MAX_VALUE;

    private static final Shape[] SHAPES = {
        Shape.scalar(),
        Shape.of(1),
        Shape.of(2),
        Shape.of(3),
        Shape.of(0),
        Shape.of(2, 2),
        Shape.of(2, 3),
        Shape.of(3, 2),
        Shape.of(0, 2),
        Shape.of(2, 0),
        Shape.of(1, 1, 2, 2),
        Shape.of(3, 1, 1, 1),
        Shape.of(2, 2, 3, 3),
        Shape.of(2, 2, 1, 1),
        Shape.of(2, 1, 3, 3),
        Shape.of(0, 2, 3, 3),
        Shape.of(2, 0, 3, 3),
        Shape.of(2, 2, 0, 3),
        Shape.of(2, 2, 3)
    };
    /** For operations of many tensors, which would hardly ever fit together otherwise. */
    private static final Shape[] FEW_SHAPES = {Shape.of(2), Shape.of(2, 2), Shape.of(2, 2, 3, 3), Shape.of(2, 2, 1, 1)};

    private static final int[] INTS = {0, 1, 2, 3, -1, -2, 7, MOST, Integer.MIN_VALUE};
    private static final double[] DOUBLES = {0, 0.5, 1, 1e-5, -1, Double.NaN, Double.POSITIVE_INFINITY};
    /** How many inputs an operation takes; one, unless it is here. */
    private static final Map<Class<?>, Integer> INPUTS = Map.ofEntries(
            Map.entry(Accumulate.class, 2),
            Map.entry(AccumulateHits.class, 3),
            Map.entry(ApplyAdam.class, 5),
            Map.entry(ApplySgd.class, 4),
            Map.entry(Unscale.class, 5),
            Map.entry(ApplyUpdate.class, 6),
            Map.entry(Assign.class, 2),
            Map.entry(AttentionOp.class, 4),
            Map.entry(AttentionBackward.class, 7),
            Map.entry(BatchNormOp.class, 4),
            Map.entry(BatchNormBackward.class, 7),
            Map.entry(BiasBackward.class, 3),
            Map.entry(RunningStatistics.class, 4),
            Map.entry(Binary.class, 2),
            Map.entry(Compare.class, 2),
            Map.entry(Concat.class, 2),
            Map.entry(Conv2dOp.class, 4),
            Map.entry(Conv2dBackwardData.class, 3),
            Map.entry(Conv2dBackwardFilter.class, 2),
            Map.entry(CrossEntropy.class, 2),
            Map.entry(CrossEntropyBackward.class, 3),
            Map.entry(CtcOp.class, 4),
            Map.entry(CtcBackward.class, 5),
            Map.entry(BatchNormInference.class, 5),
            Map.entry(Full.class, 0),
            Map.entry(Gather.class, 2),
            Map.entry(GeluBackward.class, 2),
            Map.entry(GruGates.class, 3),
            Map.entry(GruGatesBackward.class, 3),
            Map.entry(LinearOp.class, 3),
            Map.entry(Logic.class, 2),
            Map.entry(LstmBackward.class, 7),
            Map.entry(LstmOp.class, 5),
            Map.entry(LstmGates.class, 3),
            Map.entry(LstmGatesBackward.class, 5),
            Map.entry(MatMulOp.class, 2),
            Map.entry(MaxPool2dBackward.class, 3),
            Map.entry(MaxPool2dGather.class, 3),
            Map.entry(MeanCrossEntropy.class, 2),
            Map.entry(MeanCrossEntropyBackward.class, 3),
            Map.entry(Random.class, 0),
            Map.entry(RowNorm.class, 3),
            Map.entry(RowNormBackward.class, 4),
            Map.entry(Scan.class, 2),
            Map.entry(SelfAttention.class, 2),
            Map.entry(SelfAttentionBackward.class, 5),
            Map.entry(ScatterAdd.class, 2),
            Map.entry(ScatterAddAlongAxis.class, 2),
            Map.entry(ScatterAlongAxis.class, 3),
            Map.entry(TakeAlongAxis.class, 2),
            Map.entry(Where.class, 3));

    /** From which input on they may be left out. */
    private static final Map<Class<?>, Integer> OPTIONAL = Map.ofEntries(
            Map.entry(AttentionOp.class, 3),
            Map.entry(LstmBackward.class, 5),
            Map.entry(LstmOp.class, 4),
            Map.entry(LstmGatesBackward.class, 4),
            Map.entry(ApplyAdam.class, 4),
            Map.entry(Unscale.class, 3),
            Map.entry(ApplyUpdate.class, 3),
            Map.entry(LinearOp.class, 2),
            Map.entry(Scan.class, 1),
            Map.entry(SelfAttention.class, 1),
            Map.entry(Conv2dOp.class, 2),
            Map.entry(BatchNormInference.class, 4),
            Map.entry(BatchNormOp.class, 3),
            Map.entry(BatchNormBackward.class, 5),
            Map.entry(BiasBackward.class, 2),
            Map.entry(RowNorm.class, 1),
            Map.entry(RowNormBackward.class, 2),
            Map.entry(ApplySgd.class, 2));

    private static final Conv2dParameters[] CONVOLUTIONS = {
        Conv2dParameters.defaults(),
        new Conv2dParameters(1, 1, 1, 1, 1, 1, 1),
        new Conv2dParameters(2, 2, 0, 0, 1, 1, 2),
        new Conv2dParameters(1, 1, 1, 1, 2, 2, 2),
        new Conv2dParameters(MOST, MOST, 1, 1, 1, 1, 1),
        new Conv2dParameters(1, 1, 1, 1, MOST, MOST, 1),
        new Conv2dParameters(1, 1, MOST, MOST, 1, 1, 1),
        new Conv2dParameters(1, 1, 0, 0, 1, 1, MOST),
        new Conv2dParameters(1, 1, new Padding2d(0, 1, 2, 0), 1, 1, 2),
        new Conv2dParameters(1, 1, new Padding2d(MOST, 0, 0, MOST), 1, 1, 1)
    };
    private static final Pool2dParameters[] POOLINGS = {
        new Pool2dParameters(2, 2, 1, 1, 1, 1),
        new Pool2dParameters(3, 3, 2, 2, 0, 0),
        new Pool2dParameters(1, 2, MOST, 1, 0, 1),
        Pool2dParameters.of(2).withPadding(new Padding2d(0, 1, 1, 0)).withCeil(true),
        Pool2dParameters.of(2).withStride(1).withDilation(2).withCountPadding(false),
        Pool2dParameters.of(2).withStride(MOST).withDilation(MOST).withCeil(true),
        new Pool2dParameters(MOST, MOST, MOST, MOST, MOST / 2, MOST / 2)
    };

    private final RandomStream random = new RandomStream(9, 9);
    private Shape[] shapes = SHAPES;

    @ParameterizedTest
    @ValueSource(strings = {"cpu-scalar", "cpu-vector"})
    void everyOperationGivesAResultOrRefuses(String backend) {
        callEach(backend, CALLS);
    }

    @Tag("sweep")
    @ParameterizedTest
    @ValueSource(strings = {"cpu-scalar", "cpu-vector"})
    void everyOperationGivesAResultOrRefusesManyTimes(String backend) {
        callEach(backend, MANY_CALLS);
    }

    private void callEach(String backend, int calls) {
        Map<String, String> wrong = new TreeMap<>();
        Map<String, Integer> results = new TreeMap<>();
        BackendOptions poisoned = BackendOptions.defaults().withPoison();
        try (Session session = Session.open(backend, poisoned, DType.FLOAT32);
                Session other = Session.open(backend, poisoned, DType.FLOAT32)) {
            for (Class<?> type : operations()) {
                for (int call = 0;
                        call < calls || call < MOST_CALLS && !results.containsKey(type.getSimpleName());
                        call++) {
                    try (Scope scope = session.scope("call");
                            Scope elsewhere = other.scope("call");
                            Tape tape = new Tape(session)) {
                        call(type, session, other, tape, wrong, results);
                    }
                }
            }
            TensorAccess.releaseConstants(session);
            assertThat(session.memory().used()).isZero();
        }
        assertThat(wrong).isEmpty();
        assertThat(results)
                .as("operations that some arguments fit")
                .hasSize(operations().size());
    }

    private static List<Class<?>> operations() {
        List<Class<?>> classes = new ArrayList<>(Arrays.asList(Op.class.getPermittedSubclasses()));
        classes.remove(CustomOp.class);
        return classes;
    }

    private void call(
            Class<?> type,
            Session session,
            Session other,
            Tape tape,
            Map<String, String> wrong,
            Map<String, Integer> results) {
        List<Tensor> watched = new ArrayList<>();
        int inputs = INPUTS.getOrDefault(type, 1);
        shapes = inputs > 2 && random.nextInt(2) == 0 ? FEW_SHAPES : SHAPES;
        if (inputs > 2 && random.nextInt(2) == 0) {
            shapes = new Shape[] {shape(), Shape.of(2)};
        }
        if (type == AttentionBackward.class && random.nextInt(2) == 0) {
            // Queries, keys, values, a mask, results and statistics alike.
            shapes = new Shape[] {Shape.of(1, 1, 2, 2)};
        }
        if (type.getSimpleName().contains("Gates") && random.nextInt(2) == 0) {
            shapes = new Shape[] {Shape.of(2, type == GruGates.class ? 9 : 12), Shape.of(2, 3)};
        }
        String name = type.getSimpleName();
        Object[] settings = {};
        Tensor[] tensors = {};
        try {
            Constructor<?> constructor = canonical(type);
            settings = Arrays.stream(constructor.getParameterTypes())
                    .map(this::setting)
                    .toArray();
            tensors = new Tensor[type == Concat.class ? random.nextInt(4) : inputs];
            for (int i = 0; i < tensors.length; i++) {
                boolean optional = i >= OPTIONAL.getOrDefault(type, inputs);
                boolean mask = type == Logic.class || type == Quantify.class || type == Where.class && i == 0;
                if (mask && random.nextInt(8) > 0) {
                    tensors[i] = session.zeros(shape(), DType.BOOL);
                } else {
                    tensors[i] = optional && random.nextInt(3) > 0 ? null : tensor(session, other, tape, watched);
                }
            }
            if (type.getSimpleName().startsWith("Ctc") && random.nextInt(2) == 0) {
                sequences(session, tape, watched, tensors);
            }
            if ((type == LstmOp.class || type == LstmBackward.class) && random.nextInt(2) == 0) {
                layer(session, tape, watched, tensors);
            }
            if (random.nextInt(2) == 0) {
                fitting(type, session, tape, watched, tensors);
            }
            Op op = (Op) constructor.newInstance(settings);
            Tensor y = inputs == 0 ? session.engine().create(op) : Engine.apply(op, tensors);
            if (y.shape().elements() < 10_000) {
                y.toDoubles();
                differentiate(tape, y, watched);
            }
            results.merge(name, 1, Integer::sum);
        } catch (InvocationTargetException e) {
            judge(name, settings, e.getCause(), wrong);
        } catch (IllegalArgumentException | IndexOutOfBoundsException | IllegalStateException e) {
            judge(name + Arrays.toString(tensors), settings, e, wrong);
        } catch (ReflectiveOperationException | RuntimeException e) {
            wrong.put(name + " " + e.getClass(), Arrays.toString(settings) + Arrays.toString(tensors) + ": " + e);
        }
    }

    /** Returns the constructor of a record that takes all its parts. */
    private static Constructor<?> canonical(Class<?> type) throws NoSuchMethodException {
        return type.getDeclaredConstructor(Arrays.stream(type.getRecordComponents())
                .map(RecordComponent::getType)
                .toArray(Class<?>[]::new));
    }

    private static void judge(String name, Object[] arguments, Throwable thrown, Map<String, String> wrong) {
        String message = String.valueOf(thrown.getMessage());
        boolean index = message.contains("expects indices")
                || message.startsWith("Label ")
                || message.startsWith("ctc expects l");
        boolean watched = message.contains("behind the back of the tape");
        boolean shared = message.contains("elements share memory");
        boolean refused = thrown.getClass() == IllegalArgumentException.class
                || thrown.getClass() == IllegalStateException.class && (watched || shared)
                || thrown.getClass() == IndexOutOfBoundsException.class && index;
        if (!refused || message.length() < 20) {
            wrong.put(name + " " + thrown.getClass(), Arrays.toString(arguments) + ": " + thrown);
        }
    }

    private static void differentiate(Tape tape, Tensor y, List<Tensor> watched) {
        if (!y.isRecorded() || watched.isEmpty()) {
            return;
        }
        Tensor[] all = watched.stream().distinct().toArray(Tensor[]::new);
        List<Tensor> places = new ArrayList<>();
        for (Tensor each : all) {
            places.add(each.session().zeros(each.shape()));
        }
        tape.gradientsInto(y.square().sum(), Arrays.asList(all), places);
        places.forEach(Tensor::toDoubles);
    }

    /** Makes log-probabilities with labels and lengths, some of which do not fit, and the gradient of losses. */
    private void sequences(Session session, Tape tape, List<Tensor> watched, Tensor... inputs) {
        inputs[0] = tape.watch(session.ones(Shape.of(2, 3, 4)));
        watched.clear();
        watched.add(inputs[0]);
        int[] labels = new int[4];
        Arrays.setAll(labels, i -> random.nextInt(8) == 0 ? MOST : random.nextInt(4));
        inputs[1] = session.tensor(labels, Shape.of(2, 2));
        inputs[2] = session.tensor(new int[] {3, random.nextInt(5)}, Shape.of(2));
        inputs[3] = session.tensor(new int[] {random.nextInt(4), 1}, Shape.of(2));
        if (inputs.length > 4) {
            inputs[4] = session.ones(Shape.of(2));
        }
    }

    /** Makes inputs that fit, where that would hardly happen by chance. */
    private void fitting(Class<?> type, Session session, Tape tape, List<Tensor> watched, Tensor... inputs) {
        if (type == Accumulate.class || type == AccumulateHits.class) {
            boolean hits = type == AccumulateHits.class;
            watched.clear();
            inputs[0] = session.zeros(hits ? Shape.scalar() : Shape.of(2, 2)).to(DType.FLOAT64);
            inputs[1] = session.ones(Shape.of(2, 2));
            if (hits) {
                inputs[2] = session.tensor(new int[] {random.nextInt(3), MOST}, Shape.of(2));
            }
        } else if (type == MeanCrossEntropyBackward.class) {
            watched.clear();
            inputs[0] = session.ones(Shape.of(2, 2));
            inputs[1] = session.tensor(new int[] {random.nextInt(2), random.nextInt(8) == 0 ? MOST : 1}, Shape.of(2));
            inputs[2] = session.ones(Shape.scalar());
        } else if (type == Unscale.class) {
            watched.clear();
            inputs[0] = session.ones(Shape.of(2, 2));
            inputs[1] = session.ones(Shape.of(LossScaleStep.STATE)).to(DType.FLOAT64);
            inputs[2] = session.scalar(random.nextInt(3));
            boolean chooses = random.nextInt(2) == 0;
            inputs[3] = chooses ? session.ones(Shape.of(1 + random.nextInt(8))).to(DType.FLOAT64) : null;
            inputs[4] = chooses ? session.ones(Shape.of(2)).to(DType.FLOAT64) : null;
        } else if (type == SelfAttention.class) {
            watched.clear();
            inputs[0] = tape.watch(session.ones(Shape.of(1, 2, 3)));
            watched.add(inputs[0]);
            inputs[1] = random.nextInt(2) == 0 ? null : session.zeros(Shape.of(2, 2), DType.BOOL);
        } else if (type == SelfAttentionBackward.class) {
            watched.clear();
            Shape[] shapes = {Shape.of(1, 2, 3), null, Shape.of(1, 2, 1), Shape.of(1, 1, 2, 2), Shape.of(1, 2, 1)};
            for (int i = 0; i < inputs.length; i++) {
                inputs[i] = shapes[i] == null ? null : session.ones(shapes[i]);
            }
        }
    }

    /** Makes what an LSTM's layer of 3 sequences, 2 steps and 2 units is computed from, forward or backward, with any lengths. */
    private void layer(Session session, Tape tape, List<Tensor> watched, Tensor... inputs) {
        Shape state = Shape.of(3, 2);
        Shape states = Shape.of(3, 2, 2);
        Shape gates = Shape.of(3, 2, 8);
        Shape weight = Shape.of(8, 2);
        Shape[] all = inputs.length == 5
                ? new Shape[] {gates, weight, state, state}
                : new Shape[] {weight, state, states, gates, states, state};
        watched.clear();
        for (int i = 0; i < all.length; i++) {
            inputs[i] = tape.watch(session.ones(all[i]));
            watched.add(inputs[i]);
        }
        inputs[all.length] = session.tensor(new int[] {random.nextInt(4), MOST, -1});
    }

    private Object setting(Class<?> type) {
        if (type == int.class) {
            return INTS[random.nextInt(INTS.length)];
        } else if (type == IntTuple.class) {
            return IntTuple.of(random.nextInt(4) == 0 ? ints(INTS) : ints(0, 1, 2, 3, -1));
        } else if (type == double.class) {
            return DOUBLES[random.nextInt(DOUBLES.length)];
        } else if (type == boolean.class) {
            return random.nextInt(2) == 0;
        } else if (type == Shape.class) {
            return shape();
        } else if (type == Layout.class) {
            return layout();
        } else if (type == Conv2dParameters.class) {
            return CONVOLUTIONS[random.nextInt(CONVOLUTIONS.length)];
        } else if (type == AttentionParameters.class) {
            return new AttentionParameters(random.nextInt(2) == 0, random.nextInt(2));
        } else if (type == Pool2dParameters.class) {
            return POOLINGS[random.nextInt(POOLINGS.length)];
        } else if (type == SelfAttention.class) {
            return new SelfAttention(new AttentionParameters(random.nextInt(2) == 0, 1), 1, 1, 0, null);
        } else if (type == RandomKey.class) {
            return new RandomKey(1, 2, 3);
        } else if (type == AdamStep.Parameters.class) {
            return AdamStep.Parameters.of(0.1, 0.9, 0.99, 1e-8, 0, false, 1);
        } else if (type == SgdStep.Parameters.class) {
            return new SgdStep.Parameters(0.1, 0, 0, false);
        } else if (type == UpdateStep.Parameters.class) {
            UpdateRule rule = UpdateRule.values()[random.nextInt(UpdateRule.values().length)];
            return new UpdateStep.Parameters(rule, 0.1, 0.1, 0.9, 0.99, 1, 1e-8, 0, 1);
        } else if (type == LossScaleStep.Parameters.class) {
            return new LossScaleStep.Parameters(2, 0.5, 1, 1, 4);
        } else if (type == Activation.class && random.nextInt(2) == 0) {
            return Activation.NONE;
        } else if (type == DType.class && random.nextInt(2) == 0) {
            return DType.FLOAT32;
        } else if (type.isEnum()) {
            return type.getEnumConstants()[random.nextInt(type.getEnumConstants().length)];
        }
        throw new AssertionError("Draw settings of " + type + ", too");
    }

    private int[] ints(int... from) {
        int[] several = new int[random.nextInt(5)];
        Arrays.setAll(several, i -> from[random.nextInt(from.length)]);
        return several;
    }

    private Shape shape() {
        return shapes[random.nextInt(shapes.length)];
    }

    private Layout layout() {
        Shape shape = shape();
        return switch (random.nextInt(4)) {
            case 0 -> Layout.rowMajor(shape).shift(MOST);
            case 1 -> Layout.of(shape, new long[shape.rank()], 0);
            case 2 -> Layout.channelsLast(shape);
            default -> Layout.rowMajor(shape);
        };
    }

    private Tensor tensor(Session session, Session other, Tape tape, List<Tensor> watched) {
        Shape shape = shape();
        int kind = random.nextInt(20);
        if (kind == 0) {
            return other.ones(shape);
        } else if (kind == 1) {
            return session.ones(shape).to(DType.FLOAT64);
        } else if (kind < 5) {
            Shape indices = random.nextInt(4) == 0 ? shape : Shape.of(random.nextInt(4));
            int[] values = new int[(int) indices.elements()];
            Arrays.setAll(values, i -> random.nextInt(8) == 0 ? MOST : random.nextInt(2));
            return session.tensor(values, indices);
        }
        Tensor x = session.ones(shape);
        if (kind < 8 && shape.rank() > 1) {
            x = x.transpose(0, -1);
        } else if (kind == 8) {
            x = session.ones(Shape.scalar()).expand(shape);
        }
        if (kind % 2 == 0) {
            return x;
        }
        Tensor input = tape.watch(x);
        watched.add(input);
        return input;
    }
}
