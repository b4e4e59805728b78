// Which page stands at which address; each is fetched when somebody first goes there.

import { pagePaths } from "@fluxstudio/admin-api/pages";
import { type ComponentType, lazy, Suspense } from "react";
import { Route, Switch } from "wouter";
import { SignInPage } from "./routes/sign-in.tsx";
import { Loading } from "./ui/loading.tsx";
import { Shell } from "./ui/shell.tsx";

const later = <Name extends string>(load: () => Promise<Readonly<Record<Name, ComponentType>>>, name: Name) =>
  lazy(async () => ({ default: (await load())[name] }));

const HomePage = later(() => import("./routes/home.tsx"), "HomePage");
const SignUpPage = later(() => import("./routes/sign-up.tsx"), "SignUpPage");
const VerifyEmailPage = later(() => import("./routes/verify-email.tsx"), "VerifyEmailPage");
const ForgotPasswordPage = later(() => import("./routes/forgot-password.tsx"), "ForgotPasswordPage");
const ResetPasswordPage = later(() => import("./routes/reset-password.tsx"), "ResetPasswordPage");
const NotMePage = later(() => import("./routes/not-me.tsx"), "NotMePage");
const UnlockPage = later(() => import("./routes/unlock.tsx"), "UnlockPage");
const DeleteAccountPage = later(() => import("./routes/delete-account.tsx"), "DeleteAccountPage");
const AccountPage = later(() => import("./routes/account.tsx"), "AccountPage");
const NotFoundPage = later(() => import("./routes/not-found.tsx"), "NotFoundPage");

export function App() {
  return (
    <Shell>
      <Suspense fallback={<Loading />}>
        <Switch>
          <Route path={pagePaths.home} component={HomePage} />
          <Route path={pagePaths.signIn} component={SignInPage} />
          <Route path={pagePaths.signUp} component={SignUpPage} />
          <Route path={pagePaths.verifyEmail} component={VerifyEmailPage} />
          <Route path={pagePaths.forgotPassword} component={ForgotPasswordPage} />
          <Route path={pagePaths.resetPassword} component={ResetPasswordPage} />
          <Route path={pagePaths.notMe} component={NotMePage} />
          <Route path={pagePaths.unlock} component={UnlockPage} />
          <Route path={pagePaths.deleteAccount} component={DeleteAccountPage} />
          {accountPaths.map((path) => (
            <Route key={path} path={path} component={AccountPage} />
          ))}
          <Route component={NotFoundPage} />
        </Switch>
      </Suspense>
    </Shell>
  );
}

const accountPaths = [
  pagePaths.account,
  pagePaths.accountSecurity,
  pagePaths.accountDevices,
  pagePaths.accountActivity,
];
