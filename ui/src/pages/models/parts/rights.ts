import { useSession } from "~/session/session";

/** Whether the user may change what belongs to `owner`: its owner and admins may. */
export function mayWrite(owner: string): boolean {
  const user = useSession().user();
  return user?.role === "admin" || (user?.id === owner && user.role !== "viewer");
}

/** Whether the user may make models and versions of their own. */
export function mayMake(): boolean {
  return useSession().user()?.role !== "viewer";
}

export function isAdmin(): boolean {
  return useSession().user()?.role === "admin";
}
