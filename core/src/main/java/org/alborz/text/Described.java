package org.alborz.text;

/** Says what an object is in words that are the same in every process, so that a resumed run can compare them. */
public final class Described {
    private Described() {}

    /**
     * Returns the object's own {@code toString} where its class has one, and the name of the class otherwise. A lambda has neither
     * and is named by the class it was written in.
     */
    public static String of(Object object) {
        Class<?> type = object.getClass();
        try {
            if (type.getMethod("toString").getDeclaringClass() != Object.class) {
                return object.toString();
            }
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException("Every class has toString: " + type, e);
        }
        return "class " + className(object);
    }

    /** Returns the name of an object's class without its package; a lambda's is that of the class it was written in. */
    public static String className(Object object) {
        String name = object.getClass().getName();
        int lambda = name.indexOf("$$Lambda");
        String stable = lambda < 0 ? name : name.substring(0, lambda) + "$lambda";
        return stable.substring(stable.lastIndexOf('.') + 1);
    }
}
