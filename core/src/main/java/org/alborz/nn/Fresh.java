package org.alborz.nn;

/**
 * A module that keeps neither its input nor its result: the result is the input or a new tensor that nobody else holds, so that
 * whoever called it may close both. Of other modules this is not known: they may return a parameter, or keep what they were given for
 * later; what they touch is left to the scope.
 */
interface Fresh extends Layer {
    /** Tells whether it holds for all parts. */
    default boolean isFresh() {
        return true;
    }

    /** Tells whether it is known of a module. */
    static boolean is(Layer module) {
        return module instanceof Fresh known && known.isFresh();
    }
}
