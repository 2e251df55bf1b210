import { Code, type ServiceImpl } from "@connectrpc/connect";
import type { ProfileService } from "../../gen/tutorial/profile_service_pb.js";
import type { MarqueeClient } from "../client/client.ts";
import { explainError } from "../client/explain.ts";
import { passOn } from "../client/pass-on.ts";

/**
 * The handlers of the tutorial's ProfileService, handed over to the real one.
 * What is wrong with a request is told in the answer; only what is not the
 * caller's fault is an error of the call.
 */
export function tutorialProfiles(
  marquee: Pick<MarqueeClient, "profiles">,
): ServiceImpl<typeof ProfileService> {
  return {
    async createProfile({ firstName, lastName, email }, context) {
      // The tutorial uses the third field for the URL of a picture as well.
      const third = email.includes("@") ? { email } : { imageUrl: email };
      try {
        await marquee.profiles.createProfile({ firstName, lastName, ...third }, passOn(context));
        return { status: 200, msg: "profile created", error: "" };
      } catch (failure) {
        const { code, text } = explainError(failure);
        if (code !== Code.InvalidArgument && code !== Code.AlreadyExists) throw failure;
        return { status: 400, msg: "Invalid Request not enough credentials", error: text };
      }
    },
  };
}
