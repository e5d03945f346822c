package org.alborz.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Array;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.alborz.autograd.Tape;
import org.alborz.random.RandomKey;
import org.alborz.random.RandomStream;
import org.alborz.type.AttentionParameters;
import org.alborz.type.Conv1dParameters;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.Conv3dParameters;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Padding2d;
import org.alborz.type.Pool1dParameters;
import org.alborz.type.Pool2dParameters;
import org.alborz.type.Pool3dParameters;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Calls every public method of a tensor and every method of a session that makes or writes one with arguments drawn from small sets: null,
 * tensors of every type, of odd shapes, of another session, closed, not contiguous or empty, and numbers at the ends of their types. It must
 * give a result, which can be printed, or refuse with a message.
 */
class OddArgumentsTest {
    private static final int CALLS = 60;
    private static final int MANY_CALLS = 5000;

    /** They end the session or open what has to be closed. */
    private static final Set<String> LEFT_OUT =
            Set.of("close", "moveToThisThread", "freeStandingScope", "scope", "observe", "of", "open", "builder");

    private static final int[] INTS = {0, 1, 2, 3, -1, -2, 7, Integer.MAX_VALUE, Integer.MIN_VALUE};

    /** The largest are so few that no array of them is too large. */
    private static final double[] DOUBLES = {
        0,
        -0.0,
        0.5,
        1,
        2,
        -1,
        1e5,
        1e300,
        Double.NaN,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY,
        Double.MIN_VALUE
    };

    private static final Shape[] SHAPES = {
        Shape.scalar(),
        Shape.of(1),
        Shape.of(3),
        Shape.of(0),
        Shape.of(2, 3),
        Shape.of(3, 3),
        Shape.of(2, 0),
        Shape.of(2, 1, 3, 3),
        Shape.of(1, 1, 1, 1, 1, 1, 1, 1, 1, 2)
    };
    private static final Class<?>[] ARRAYS = {
        float[].class, float[][].class, int[].class, long[][].class, byte[].class, boolean[].class, String.class
    };

    private final RandomStream random = new RandomStream(11, 1);
    private final Map<String, String> wrong = new TreeMap<>();
    private Session session;
    private Session other;
    private Tape tape;

    @ParameterizedTest
    @ValueSource(strings = {"cpu-scalar", "cpu-vector"})
    void everyMethodGivesAResultOrRefuses(String backend) {
        callEach(backend, CALLS);
    }

    @Tag("sweep")
    @ParameterizedTest
    @ValueSource(strings = {"cpu-scalar", "cpu-vector"})
    void everyMethodGivesAResultOrRefusesManyTimes(String backend) {
        callEach(backend, MANY_CALLS);
    }

    private void callEach(String backend, int calls) {
        try (Session opened = Session.open(backend);
                Session elsewhere = Session.open(backend)) {
            session = opened;
            other = elsewhere;
            for (Method method : methods()) {
                method.setAccessible(true);
                for (int i = 0; i < calls; i++) {
                    try (Scope scope = session.scope("call");
                            Scope otherScope = other.scope("call");
                            Tape recording = new Tape(session)) {
                        tape = recording;
                        call(method);
                    }
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    private static List<Method> methods() {
        List<Method> methods = new ArrayList<>();
        for (Class<?> type : List.of(
                Tensor.class,
                TensorFunctions.class,
                TensorArrangement.class,
                ImageFunctions.class,
                Session.class,
                TensorCreation.class)) {
            for (Method method : type.getDeclaredMethods()) {
                if (Modifier.isPublic(method.getModifiers())
                        && !method.isSynthetic()
                        && !LEFT_OUT.contains(method.getName())) {
                    methods.add(method);
                }
            }
        }
        methods.sort(Comparator.comparing(Method::toString));
        return methods;
    }

    private void call(Method method) {
        boolean ofSession = TensorCreation.class.isAssignableFrom(method.getDeclaringClass());
        Object receiver = Modifier.isStatic(method.getModifiers()) ? null : ofSession ? session : tensor();
        Object[] arguments =
                Arrays.stream(method.getParameterTypes()).map(this::argument).toArray();
        try {
            Object result = method.invoke(receiver, arguments);
            if (result instanceof Tensor y && y.toString().contains("not readable")) {
                note(method, "an unreadable result", receiver, arguments, y);
            }
        } catch (InvocationTargetException e) {
            judge(method, e.getCause(), receiver, arguments);
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }

    private void judge(Method method, Throwable thrown, Object receiver, Object[] arguments) {
        Class<?> type = thrown.getClass();
        String message = String.valueOf(thrown.getMessage());
        boolean refused = type == IllegalArgumentException.class
                || type == IllegalStateException.class
                || type == IndexOutOfBoundsException.class && message.contains("expects indices");
        if (!refused || message.length() < 20) {
            note(method, type.getSimpleName(), receiver, arguments, thrown);
        }
    }

    private void note(Method method, String what, Object receiver, Object[] arguments, Object outcome) {
        wrong.put(
                method.getName() + Arrays.toString(method.getParameterTypes()) + " " + what,
                Arrays.deepToString(new Object[] {receiver, arguments}) + ": " + outcome);
    }

    private Object argument(Class<?> type) {
        if (type == Tensor.class) {
            int kind = random.nextInt(14);
            return kind == 0 ? null : kind == 1 ? other.ones(Shape.of(3)) : tensor();
        } else if (type == int.class) {
            return one(INTS);
        } else if (type == long.class) {
            return (long) one(INTS);
        } else if (type == double.class) {
            return DOUBLES[random.nextInt(DOUBLES.length)];
        } else if (type == boolean.class) {
            return random.nextInt(2) == 0;
        } else if (random.nextInt(8) == 0) {
            return null;
        } else if (type == int[].class) {
            int[] several = new int[random.nextInt(4)];
            int[] from = random.nextInt(3) == 0 ? INTS : new int[] {0, 1, 2, 3, -1};
            Arrays.setAll(several, i -> one(from));
            return several;
        } else if (type == Tensor[].class) {
            Tensor same = tensor();
            Tensor[] several = new Tensor[random.nextInt(4)];
            Arrays.setAll(several, i -> random.nextInt(3) > 0 ? same : (Tensor) argument(Tensor.class));
            return several;
        }
        return value(type);
    }

    private Object value(Class<?> type) {
        if (type == Shape.class) {
            return one(SHAPES);
        } else if (type == Layout.class) {
            Layout layout = Layout.rowMajor(one(SHAPES));
            return random.nextInt(2) == 0
                    ? layout
                    : Layout.rowMajor(Shape.of(3, 3)).permute(1, 0);
        } else if (type == Class.class) {
            return one(ARRAYS);
        } else if (type.isEnum()) {
            return one(type.getEnumConstants());
        } else if (type == AttentionParameters.class) {
            return new AttentionParameters(random.nextInt(2) == 0, random.nextInt(2));
        } else if (type == Conv2dParameters.class) {
            return Conv2dParameters.defaults().withPadding(random.nextInt(2));
        } else if (type == Conv1dParameters.class) {
            return Conv1dParameters.defaults().withPadding(random.nextInt(2));
        } else if (type == Pool1dParameters.class) {
            return Pool1dParameters.of(1 + random.nextInt(3)).withStride(1 + random.nextInt(2));
        } else if (type == Pool3dParameters.class) {
            return Pool3dParameters.of(1 + random.nextInt(3)).withStride(1 + random.nextInt(2));
        } else if (type == Conv3dParameters.class) {
            return Conv3dParameters.defaults().withPadding(random.nextInt(2));
        } else if (type == Padding2d.class) {
            return Padding2d.of(random.nextInt(3));
        } else if (type == Pool2dParameters.class) {
            return Pool2dParameters.of(1 + random.nextInt(2));
        } else if (type == RandomKey.class) {
            return new RandomKey(1, 2, 3);
        } else if (type == String.class) {
            return "name";
        } else if (type == List.class) {
            Tensor[] several = (Tensor[]) argument(Tensor[].class);
            return several == null ? null : Arrays.asList(several);
        } else if (type == Consumer.class) {
            return (Consumer<?>) nothing -> {};
        } else if (type == java.nio.Buffer.class) {
            FloatBuffer floats = FloatBuffer.allocate(3);
            return one(new Object[] {floats, floats.asReadOnlyBuffer(), IntBuffer.allocate(3), ByteBuffer.allocate(3)});
        } else if (type.isArray()) {
            Class<?> element = type;
            int axes = 0;
            for (; element.isArray(); element = element.getComponentType()) {
                axes++;
            }
            int[] sizes = new int[axes];
            Arrays.setAll(sizes, i -> random.nextInt(3));
            return Array.newInstance(element, sizes);
        }
        throw new AssertionError("Draw arguments of " + type + ", too");
    }

    private Tensor tensor() {
        DType type = random.nextInt(3) == 0 ? one(DType.values()) : DType.FLOAT32;
        Tensor x = session.uniform(one(SHAPES), 3).mul(3).to(type);
        int kind = random.nextInt(12);
        if (kind == 0) {
            x = x.detach();
            x.close();
        } else if (kind < 3 && x.shape().rank() > 1) {
            x = x.transpose(0, -1);
        } else if (kind == 3 && x.shape().rank() > 0) {
            x = x.narrow(0, 0, 0);
        } else if (kind < 7 && type.isFloating()) {
            x = tape.watch(x);
        }
        return x;
    }

    private int one(int[] from) {
        return from[random.nextInt(from.length)];
    }

    private <T> T one(T[] from) {
        return from[random.nextInt(from.length)];
    }
}
