package org.alborz.inference;

import org.alborz.nn.Pass;
import org.alborz.tensor.Session;

/** What one request computes, in a session that it has to itself. */
@FunctionalInterface
public interface Request<R> {
    /**
     * Makes tensors in the session, runs the model's module with the pass, and returns values on the host, such as an array or a
     * number; every tensor is closed when it returns.
     *
     * @param session used by this request alone, until it returns
     * @param pass the way to the shared weights; layers read parameters and states by {@link Pass#use}
     */
    R run(Session session, Pass pass);
}
