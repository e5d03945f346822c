package org.alborz.spark;

import java.io.Serializable;
import org.alborz.nn.Module;

/** Makes the net that is trained, once in each task; usually a lambda, which must not hold on to a session or a tensor. */
@FunctionalInterface
public interface NetSource extends Serializable {
    /** Returns a new net, of the same structure at each call. */
    Module net();
}
