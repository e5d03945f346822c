package org.alborz.inference;

import org.alborz.nn.Pass;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;

/** A session of a predictor; serves one request after the other, each in the thread that asks. */
final class Worker {
    private final Session session;
    private final Pass pass;
    private volatile Thread user;

    Worker(Session session, Pass pass) {
        this.session = session;
        this.pass = pass;
    }

    /** Tells whether the calling thread runs a request here. */
    boolean servesThisThread() {
        return user == Thread.currentThread();
    }

    <R> R serve(Request<R> request) {
        user = Thread.currentThread();
        session.moveToThisThread();
        try (Scope scope = session.scope("request")) {
            R result = request.run(session, pass);
            session.backend().synchronize(); // a fault on the device belongs to this request
            requireNoTensor(result);
            return result;
        } catch (RuntimeException | Error e) {
            settle(e);
            throw e;
        } finally {
            user = null;
        }
    }

    private static void requireNoTensor(Object result) {
        if (result instanceof Tensor tensor) {
            throw new IllegalStateException("A request returned the tensor " + tensor.describe()
                    + ", which is closed with the request; return its values, such as tensor.toRows()");
        }
    }

    /** Waits for what a failed request has queued, so that the next one does not get its faults. */
    private void settle(Throwable failure) {
        try {
            session.backend().synchronize();
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
        }
    }

    void close() {
        session.moveToThisThread();
        session.close();
    }
}
